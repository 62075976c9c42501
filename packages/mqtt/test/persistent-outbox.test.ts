import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { expect, it, onTestFinished } from 'vitest'
import { freePort } from './brokers/free-port.js'
import { startChild } from './child.js'
import { givenMosquitto, givenObserver, givenOpen } from './fixtures.js'
import type { MqttOutboxStore } from '../src/options.js'
import { createOutbox } from '../src/outbox.js'
import { persistOutbox } from '../src/persistent-outbox.js'
import { bytes } from './session.js'

async function givenFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'butlerkit-outbox-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

async function givenStore(dir: string): Promise<ClassicLevel<string, Uint8Array>> {
  const store = new ClassicLevel<string, Uint8Array>(dir, { valueEncoding: 'view' })
  await store.open()
  onTestFinished(() => store.close())
  return store
}

it('sends after a SIGKILL what was kept, in order, and forgets it', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const dir = await givenFolder()
  const child = startChild(new URL('outbox-child.ts', import.meta.url), [`mqtt://127.0.0.1:${await freePort()}`, dir, '50'])
  onTestFinished(async () => void (await child.end('SIGKILL')))
  await child.until((lines) => lines.includes('kept'))
  await child.end('SIGKILL')
  const observer = await givenObserver(url, 'kept/#')
  const store = await givenStore(dir)
  const { transport } = await givenOpen({ url, clientId: 'keeps', durable: true, outbox: { persist: store } })
  await observer.until(50)
  expect(observer.received).toEqual(Array.from({ length: 50 }, (_, number) => `${number}`))
  await transport.close()
  expect(await store.keys().all()).toEqual([])
})

it('checks a message again after it was stored, and forgets it: the broker may be another by then', async () => {
  const kept = new Set<string>()
  const store: MqttOutboxStore = {
    put: async (key) => void kept.add(key),
    del: async (key) => void kept.delete(key),
    async *iterator() {},
  }
  const sent: string[] = []
  const outbox = createOutbox({ max: 1, whenFull: 'reject', send: ({ topic }, done) => (sent.push(topic), done()) })
  const refusal = new Error('too large here')
  const check = ({ topic }: { readonly topic: string }) => {
    if (topic === 'large') throw refusal
  }
  const persistent = persistOutbox(outbox, store, { check, onError: () => {} })
  persistent.resume(1)
  const message = { payload: bytes('x'), qos: 1, retain: false } as const
  await expect(persistent.add({ ...message, topic: 'large' })).rejects.toBe(refusal)
  await persistent.add({ ...message, topic: 'small' })
  await persistent.idle()
  expect(sent).toEqual(['small'])
  expect([...kept]).toEqual([])
})

it('keeps what close had no time for, not what was sent, dropped or is of QoS 0', async (ctx) => {
  const broker = await givenMosquitto(ctx)
  const store = await givenStore(await givenFolder())
  const { transport, session } = await givenOpen({ url: broker.url, outbox: { persist: store, max: 1, whenFull: 'drop-oldest' } })
  const publish = (topic: string, qos: 0 | 1) => transport.publish({ topic, payload: bytes('x'), qos, retain: false }).catch(() => {})
  await publish('sent', 1)
  expect(await store.keys().all()).toEqual([])
  await broker.stop()
  await session.until(({ healths }) => healths.at(-1)?.state === 'reconnecting')
  const waiting = [publish('dropped', 1), publish('kept', 1)]
  await waiting[0]
  await transport.close()
  await Promise.all([...waiting, publish('late', 0)])
  const kept = await store.values().all()
  expect(kept.map((value) => (JSON.parse(Buffer.from(value).toString()) as { readonly topic: string }).topic)).toEqual(['kept'])
})
