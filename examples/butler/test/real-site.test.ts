import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { simulateSense, type SimulatedSense } from '@butlerkit/sense-simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startAedes } from '../../../packages/mqtt/test/brokers/aedes.js'
import { hasMosquitto, startMosquitto } from '../../../packages/mqtt/test/brokers/mosquitto.js'
import { startFaultProxy } from '../../../packages/mqtt/test/faults/fault-proxy.js'
import { openOtherSide } from '../src/other-side.js'
import { startExample, type ExampleProcess } from '../../example-process.js'

const up = 'The Butler is up.'
const brokers = [
  { name: 'aedes', missing: false, start: () => startAedes() },
  { name: 'Mosquitto', missing: !hasMosquitto, start: () => startMosquitto() },
] as const

let site: SimulatedSense
let slack: Server
let certificateDir: string
let taskId: string

beforeEach(async () => {
  site = await simulateSense({
    seed: { apps: [{ name: 'Sales' }], reloadTasks: [{ name: 'Reload Sales', app: 'Sales', runs: [['started', '100ms', 'success']] }] },
  })
  certificateDir = await mkdtemp(path.join(tmpdir(), 'butlerkit-test-'))
  await site.certificates.writeTo(certificateDir)
  taskId = site.task('Reload Sales').id
  slack = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(slack, 'listening')
})

afterEach(async () => {
  await site.close()
  slack.closeAllConnections()
  await promisify(slack.close.bind(slack))()
  await rm(certificateDir, { recursive: true })
})

function realSite(mqttUrl: string, sensePort: number): NodeJS.ProcessEnv {
  return {
    BUTLER_MQTT_URL: mqttUrl,
    BUTLER_SENSE_HOST: '127.0.0.1',
    BUTLER_SENSE_PORT: String(sensePort),
    BUTLER_SENSE_CERT_DIR: certificateDir,
    BUTLER_ALLOWED_TASKS: taskId,
    BUTLER_EVENTS_PORT: '0',
    BUTLER_SLACK_WEBHOOK: `http://127.0.0.1:${(slack.address() as AddressInfo).port}/services/x`,
  }
}

const starts = () => site.requests.matching({ method: 'POST', path: /\/start/ }).length

describe.each(brokers)('a Butler at a real site, over $name', { timeout: 60_000 }, ({ missing, start }) => {
  it('that is killed while a handler runs handles the message in its next life', async ({ skip }) => {
    skip(missing, 'mosquitto is not installed')
    const broker = await start()
    let killed: ExampleProcess | undefined
    // The first byte towards Sense: the handler runs, and nothing is started yet.
    const relay = await startFaultProxy(site.port, { sent: () => killed?.kill('SIGKILL') })
    const other = await openOtherSide(broker.url)
    try {
      const first = startExample('butler', realSite(broker.url, relay.port))
      await first.said(up)
      killed = first
      await other.publish('qliksense/start_task', taskId)
      expect(await first.ended).toBe('SIGKILL')
      expect(starts()).toBe(0)

      const done = other.next(`qliksense/lab/task_done/${taskId}`)
      const second = startExample('butler', realSite(broker.url, site.port))
      expect(JSON.parse(await done)).toMatchObject({ status: 'success' })
      second.kill('SIGTERM')
      expect(await second.ended, second.output()).toBe(0)
      expect(starts()).toBe(1)
    } finally {
      await other.close()
      await relay.close()
      await broker.close()
    }
  })

  it('that is told to end finishes its handler, says offline and ends with 0', async ({ skip }) => {
    skip(missing, 'mosquitto is not installed')
    const broker = await start()
    let told: ExampleProcess | undefined
    const relay = await startFaultProxy(site.port, {
      sent() {
        told?.kill('SIGTERM')
        told = undefined
      },
    })
    const other = await openOtherSide(broker.url)
    try {
      const example = startExample('butler', realSite(broker.url, relay.port))
      await example.said(up)
      told = example
      const said = Promise.all([
        other.next('butler/example/status', /draining/),
        other.next(`qliksense/lab/task_done/${taskId}`),
        other.next('butler/example/status', /offline/),
      ])
      await other.publish('qliksense/start_task', taskId)
      expect(await example.ended, example.output()).toBe(0)
      await said
      expect(starts()).toBe(1)
    } finally {
      await other.close()
      await relay.close()
      await broker.close()
    }
  })
})

describe('a Butler at a real site', { timeout: 60_000 }, () => {
  it('works with mosquitto_pub and mosquitto_sub as the other side', async ({ skip }) => {
    skip(!hasMosquitto, 'mosquitto is not installed')
    const broker = await startMosquitto()
    const address = ['-h', '127.0.0.1', '-p', String(broker.ports[0])]
    const run = promisify(execFile)
    try {
      const example = startExample('butler', realSite(broker.url, site.port))
      await example.said(up)
      const answer = run('mosquitto_sub', [...address, '-C', '1', '-W', '20', '-t', 'my/answers'])
      const done = run('mosquitto_sub', [...address, '-C', '1', '-W', '20', '-t', 'qliksense/lab/task_done/#'])
      // mosquitto_sub does not say when it is subscribed: ask until it has heard.
      const heard = Promise.all([answer, done])
      const ask = async () =>
        run('mosquitto_pub', [...address, '-q', '1', '-t', `qliksense/lab/start_task/${taskId}`, '-m', '{"$replyTo":"my/answers"}'])
      const every = setInterval(() => void ask(), 500)
      await heard.finally(() => clearInterval(every))
      expect(JSON.parse((await answer).stdout)).toEqual({ executionId: expect.stringMatching(/^[\da-f-]{36}$/) })
      expect(JSON.parse((await done).stdout)).toMatchObject({ taskName: 'Reload Sales', status: 'success' })
      example.kill('SIGTERM')
      expect(await example.ended).toBe(0)
    } finally {
      await broker.close()
    }
  })

  it('is refused with one message that names every bad variable and shows no value', async () => {
    const example = startExample('butler', {
      BUTLER_MQTT_URL: 'http://hunter2',
      BUTLER_SENSE_HOST: 'https://hunter2/',
      BUTLER_SENSE_CERT_DIR: '/hunter2',
      BUTLER_SLACK_WEBHOOK: 'hunter2',
      BUTLER_ALLOWED_TASKS: 'hunter2',
      BUTLER_TYPO: 'hunter2',
    })
    expect(await example.ended).toBe(1)
    const names = ['MQTT_URL', 'SENSE_HOST', 'SENSE_CERT_DIR', 'SLACK_WEBHOOK', 'ALLOWED_TASKS', 'TYPO']
    for (const name of names) expect(example.output()).toContain(`BUTLER_${name} `)
    expect(example.output()).not.toContain('hunter2')
  })
})
