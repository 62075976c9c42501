import { createButler, createRouter, messageOf, topic } from '@butlerkit/core'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { mqtt } from '../../src/index.js'
import { startChild } from '../child.js'
import { givenMosquitto, givenObserver, givenProxy } from '../fixtures.js'
import { connects, createJournal, givenButler, quickRetries } from './stage.js'

it('5: holds back 100,000 messages of 2 kB behind waiting handlers in little memory', async (ctx) => {
  const { url } = await givenMosquitto(ctx, { lines: ['allow_anonymous true', 'max_queued_messages 0'] })
  const child = startChild(new URL('memory-child.ts', import.meta.url), [url])
  await child.until((lines) => lines.some((line) => line.startsWith('result')))
  const [, grownMiB, started] = child.lines.at(-1)?.split(' ').map(Number) ?? []
  await child.end('SIGKILL')
  expect(started).toBeLessThanOrEqual(20)
  expect(grownMiB).toBeLessThanOrEqual(60)
})

it('6: goes on beside a handler that never settles, reports it, and closes', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const sender = await givenObserver(url)
  const letters = await givenObserver(url, 'dead-letter/#')
  const handle = (payload: string) => (payload === 'stuck' ? new Promise(() => {}) : undefined)
  const { butler, journal } = await givenButler({ url, clientId: 'row-6', durable: true }, handle, {
    route: { timeoutMs: 100, deadLetter: true },
  })
  for (const payload of ['stuck', ...Array.from({ length: 28 }, (_, index) => `${index}`)]) await sender.publish('work/row-6', payload)
  await journal.until((lines) => lines.filter((line) => line.startsWith('handled')).length === 28)
  await letters.until(1)
  expect(letters.received[0]).toContain('HANDLER_TIMEOUT')
  await butler.stop()
  expect(butler.health().state).toBe('stopped')
})

it('7: lives on when a handler throws or rejects, and reports both with topic and route', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const sender = await givenObserver(url)
  const { journal } = await givenButler({ url }, (payload) => {
    if (payload === 'throws') throw new Error('thrown')
    return payload === 'rejects' ? Promise.reject(new Error('rejected')) : undefined
  })
  for (const payload of ['throws', 'rejects', 'fine']) await sender.publish('work/row-7', payload)
  await journal.until((lines) => lines.includes('handled work/row-7'))
  expect(journal.lines.filter((line) => line.startsWith('failed'))).toEqual(['failed work/row-7: thrown', 'failed work/row-7: rejected'])
})

it('8: keeps its connection while handlers take longer than the keepalive, each message once', async (ctx) => {
  const { url, port } = await givenMosquitto(ctx)
  let pings = 0
  let pinged = () => {}
  const proxy = await givenProxy(port, {
    sent(chunk) {
      if (chunk.length === 2 && chunk[0] === 0xc0) pings += 1
      pinged()
    },
  })
  const handled: string[] = []
  const { journal } = await givenButler({ url: proxy.url, clientId: 'row-8', durable: true, keepaliveSeconds: 1 }, async (payload) => {
    handled.push(payload)
    await new Promise<void>((resolve) => {
      pinged = () => pings >= 2 && resolve()
      pinged()
    })
  })
  const sender = await givenObserver(url)
  for (const payload of ['a', 'b', 'c']) await sender.publish('work/row-8', payload)
  await journal.until((lines) => lines.some((line) => line.startsWith('handled')))
  expect(handled).toEqual(['a', 'b', 'c'])
  expect(connects(journal)).toBe(1)
})

it('21: reports broken and odd payloads, and none pollutes a prototype', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const sender = await givenObserver(url)
  const { journal, payloads, until } = await givenJson(url)
  const broken = ['{', '{"a":', 'nul', '"\u0001"', '[1,]', '', 'undefined']
  const odd = [
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    '1e999',
    '"\\ud800"',
    'null',
  ]
  for (const payload of [...broken, ...odd]) await sender.publish('json', payload)
  await sender.client.publishAsync('json', Buffer.from([0x22, 0xff, 0xfe, 0x22]), { qos: 1 })
  await sender.publish('json', '"last"')
  await until(() => payloads.includes('last'))
  // The broken ones, the one nested too deep, and the one that is no UTF-8.
  expect(journal.lines).toEqual(Array.from({ length: broken.length + 2 }, () => expect.stringMatching(/^invalid json: /)))
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
})

it('23: handles a duplicate once where the route deduplicates', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const sender = await givenObserver(url)
  const handled: string[] = []
  const { journal } = await givenButler({ url }, (payload) => handled.push(payload), {
    route: { dedupe: { by: (message) => String(message.payload), ttlMs: 60_000 } },
  })
  for (const payload of ['same', 'same', 'other']) await sender.publish('work/row-23', payload)
  await journal.until((lines) => lines.filter((line) => line.startsWith('handled')).length === 2)
  expect(handled).toEqual(['same', 'other'])
  expect(journal.lines).toContain('deduplicated work/row-23')
})

it('24: runs a poison message so many times, then writes a dead letter with the reason; its neighbours do not notice', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const sender = await givenObserver(url)
  const letters = await givenObserver(url, 'dead-letter/#')
  const { journal } = await givenButler(
    { url },
    (payload) => {
      if (payload === 'poison') throw new Error('cannot be digested')
    },
    { route: { retry: quickRetries, deadLetter: true } },
  )
  for (const payload of ['before', 'poison', 'after']) await sender.publish('work/row-24', payload)
  await letters.until(1)
  await journal.until((lines) => lines.filter((line) => line.startsWith('handled')).length === 2)
  expect(letters.received[0]).toContain('cannot be digested')
  expect(journal.lines.filter((line) => line.startsWith('retried'))).toHaveLength(quickRetries.attempts - 1)
})

it('25: takes a storm of 50,000 messages of QoS 0 without losing its connection', async (ctx) => {
  const { url } = await givenMosquitto(ctx, { lines: ['allow_anonymous true', 'max_queued_messages 0'] })
  let handled = 0
  const { butler, journal } = await givenButler({ url }, () => (handled += 1))
  const sender = await givenObserver(url)
  for (let count = 0; count < 50_000; count += 1) sender.client.publish('work/row-25', 'x'.repeat(100), { qos: 0 })
  await sender.publish('work/row-25/last', 'last')
  await journal.until((lines) => lines.includes('handled work/row-25/last'))
  expect(handled).toBe(50_001)
  expect(connects(journal)).toBe(1)
  expect(butler.health().state).toBe('running')
})

/** A butler with one route, whose payload is any JSON. */
async function givenJson(url: string) {
  const payloads: unknown[] = []
  const journal = createJournal()
  let ask = () => {}
  const router = createRouter()
  router.on(topic('json', { payload: z.unknown(), qos: 1 }), ({ payload }) => {
    payloads.push(payload)
    ask()
  })
  const butler = createButler({ name: 'butler', transports: [mqtt({ url })] }).mount(router)
  butler.events.on('invalid', ({ topic: name, error }) => journal.write(`invalid ${name}: ${messageOf(error)}`))
  onTestFinished(() => butler.stop())
  await butler.start()
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      ask = () => condition() && resolve()
      ask()
    })
  return { journal, payloads, until }
}
