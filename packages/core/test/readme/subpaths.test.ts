import { expect, it, vi } from 'vitest'
import type { AsyncApiDocument } from '@butlerkit/core/asyncapi'
import type { ConfigError } from '@butlerkit/core/config'
import { parseDocument } from '../parse-document.js'

it('reads the settings shown', async () => {
  vi.stubEnv('BUTLER_MQTT_URL', 'mqtt://broker.lab')
  vi.stubEnv('BUTLER_SLACK_WEBHOOK', 'https://hooks.slack.test/canary')
  const { settings } = await import('./settings.js')
  vi.unstubAllEnvs()
  expect(JSON.stringify(settings)).toBe('{"BUTLER_MQTT_URL":"mqtt://broker.lab","BUTLER_SLACK_WEBHOOK":"[secret]","BUTLER_DRAIN_MS":4000}')
  expect(settings.BUTLER_SLACK_WEBHOOK.reveal()).toBe('https://hooks.slack.test/canary')
})

it('names what is missing or wrong in the settings shown', async () => {
  vi.resetModules()
  vi.stubEnv('BUTLER_SLACK_WEBHOOK', 'canary')
  vi.stubEnv('BUTLER_MQTT_ULR', 'mqtt://broker.lab')
  const thrown: unknown = await import('./settings.js').catch((error: unknown) => error)
  vi.unstubAllEnvs()
  expect((thrown as ConfigError).message.split('\n')).toEqual([
    'settings are missing or wrong',
    '  BUTLER_MQTT_ULR: is not a setting of this program',
    '  BUTLER_MQTT_URL: missing',
    '  BUTLER_SLACK_WEBHOOK: must be the URL of an incoming webhook',
  ])
})

it('prints a document that the official parser reads', async () => {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  await import('./document.js')
  expect(warn).not.toHaveBeenCalled()
  log.mockRestore()
  warn.mockRestore()
  const { problems, model } = await parseDocument(JSON.parse(lines.join('')) as AsyncApiDocument)
  expect(problems).toEqual([])
  expect(model?.operations().all()).toHaveLength(3)
})
