import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { simulateSense } from '@butlerkit/sense-simulator'
import { connectAsync } from 'mqtt'
import { describe, expect, it } from 'vitest'
import { startAedes } from '../../../packages/mqtt/test/brokers/aedes.js'
import { startExample } from '../../example-process.js'

const read = (file: string) => readFile(new URL(file, import.meta.url), 'utf8')

describe('the smallest program', () => {
  it('is what the README shows', async () => {
    expect(await read('../../../README.md')).toContain(`\`\`\`ts\n${await read('../src/main.ts')}\`\`\``)
  })

  it('starts the task it is told to, and ends when it is told to', async () => {
    const broker = await startAedes()
    const site = await simulateSense({
      seed: {
        apps: [{ name: 'Sales' }],
        reloadTasks: [{ name: 'Reload', app: 'Sales', tags: ['nightly'], runs: [['started', '10ms', 'success']] }],
      },
    })
    const dir = await mkdtemp(path.join(tmpdir(), 'butlerkit-'))
    await site.certificates.writeTo(dir)
    const client = await connectAsync(broker.url)
    try {
      const example = startExample('smallest', {
        MQTT_URL: broker.url,
        SENSE_HOST: site.host,
        SENSE_PORT: String(site.port),
        SENSE_CERT_DIR: dir,
        SLACK_WEBHOOK: 'https://hooks.slack.com/services/T0/B0/x',
      })
      await example.said('butler started')
      await client.publishAsync('qliksense/start_task', site.task('Reload').id, { qos: 1 })
      await example.said('message handled')
      expect(site.requests.matching({ method: 'POST', path: /\/start\/synchronous$/ })).toHaveLength(1)
      example.kill('SIGTERM')
      expect(await example.ended, example.output()).toBe(0)
    } finally {
      await client.endAsync()
      await site.close()
      await broker.close()
      await rm(dir, { recursive: true })
    }
  })
})
