import { expect, it, vi } from 'vitest'
import { givenMosquitto, givenObserver, givenProxy } from '../fixtures.js'
import { connects, givenButler, givenButlerProcess } from './stage.js'

const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index}`)

it('1: loses none of 3,000 messages to two restarts of the broker and seven cuts of the link', async (ctx) => {
  const broker = await givenMosquitto(ctx, { lines: ['allow_anonymous true', 'max_queued_messages 0', 'autosave_interval 1'] })
  const proxy = await givenProxy(broker.port)
  const handled = new Set<string>()
  const { journal } = await givenButler({ url: proxy.url, clientId: 'row-1', durable: true }, (payload) => handled.add(payload))
  const sender = await givenObserver(broker.url)
  let cuts = 0
  for (const [index, number] of numbers(3_000).entries()) {
    await sender.publish('work/row-1', number)
    if (index % 330 !== 329) continue
    cuts += 1
    const before = connects(journal)
    if (cuts % 4 === 0) {
      await broker.stop()
      await broker.start()
    } else if (cuts % 2 === 0) proxy.cut()
    else proxy.reset()
    await journal.until(() => connects(journal) > before)
  }
  await journal.until(() => handled.size === 3_000)
  expect(cuts).toBe(9)
  expect(handled.size).toBe(3_000)
})

it('2: loses nothing in silence while it publishes and the link is down; the outbox is bounded', async (ctx) => {
  const { url, port } = await givenMosquitto(ctx)
  const proxy = await givenProxy(port)
  const observer = await givenObserver(url, 'out/#')
  const { butler, journal } = await givenButler({ url: proxy.url, clientId: 'row-2', durable: true, outbox: { max: 250 } })
  const publish = (number: string) =>
    butler.publishRaw({ topic: 'out/row-2', payload: Buffer.from(number), qos: 1, retain: false }).then(
      () => number,
      (error: unknown) => (error as { readonly code: string }).code,
    )
  const results = numbers(100).map(publish)
  await proxy.down()
  await journal.until((lines) => lines.some((line) => line.startsWith('health reconnecting')))
  const whileDown = Array.from({ length: 500 }, (_, index) => publish(`${100 + index}`))
  results.push(...whileDown)
  await proxy.up()
  const settled = await Promise.all(results)
  const sent = settled.filter((result) => result !== 'MQTT_OUTBOX_FULL')
  await observer.until(sent.length)
  expect(new Set(observer.received)).toEqual(new Set(sent))
  expect(settled.length - sent.length).toBeGreaterThanOrEqual(250)
})

it('3: handles over two lives what was in its handlers when it was killed', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const sender = await givenObserver(url)
  const first = await givenButlerProcess(url, 'row-3')
  for (const number of numbers(5)) await sender.publish('work/row-3', `hang ${number}`)
  await first.until((lines) => lines.filter((line) => line.startsWith('start')).length === 5)
  await first.end('SIGKILL')
  const second = await givenButlerProcess(url, 'row-3')
  await second.until((lines) => lines.filter((line) => line.startsWith('done')).length === 5)
  expect(second.lines.filter((line) => line.startsWith('done')).toSorted()).toEqual(numbers(5).map((number) => `done hang ${number}`))
})

it('4: finishes what is in work on SIGTERM, leaves the rest at the broker, and is gone', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const sender = await givenObserver(url)
  const first = await givenButlerProcess(url, 'row-4', '', 3)
  const payloads = ['wait 0', 'wait 1', 'wait 2', 'hang 3', 'hang 4']
  for (const payload of payloads) await sender.publish('work/row-4', payload)
  await first.until((lines) => lines.filter((line) => line.startsWith('start wait')).length === 3)
  expect(await first.end('SIGTERM')).toBe(0)
  const done = (lines: readonly string[]) => lines.filter((line) => line.startsWith('done'))
  expect(done(first.lines)).toEqual(['done wait 0', 'done wait 1', 'done wait 2'])
  const second = await givenButlerProcess(url, 'row-4')
  await second.until((lines) => done(lines).length === 2)
  expect(await second.end('SIGTERM')).toBe(0)
  expect(done(second.lines)).toEqual(['done hang 3', 'done hang 4'])
})

it('11: is told when the broker has lost its session, and subscribes again', async (ctx) => {
  const broker = await givenMosquitto(ctx, { lines: ['allow_anonymous true'] })
  const errors: string[] = []
  const logger = { debug() {}, info() {}, warn() {}, error: (message: string) => void errors.push(message) }
  const { journal } = await givenButler({ url: broker.url, clientId: 'row-11', durable: true }, () => {}, { logger })
  await broker.kill()
  await broker.forget()
  await broker.start()
  await journal.until(() => connects(journal) === 2)
  const sender = await givenObserver(broker.url)
  await sender.publish('work/row-11', 'again')
  await journal.until((lines) => lines.some((line) => line.startsWith('handled')))
  expect(errors).toContain('the broker has lost our session, and what waited in it')
  expect(journal.lines.filter((line) => line.startsWith('handled'))).toHaveLength(1)
})

it('26: handles all 600 messages of a group, one member of which is killed', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const sender = await givenObserver(url)
  const members = await Promise.all(['a', 'b'].map((name) => givenButlerProcess(url, `row-26-${name}`, 'butlers')))
  const [killed] = members
  const done = () => new Set(members.flatMap(({ lines }) => lines.filter((line) => line.startsWith('done'))))
  const send = numbers(600).map((number) => sender.publish('work/row-26', number))
  await killed?.until((lines) => lines.length > 20)
  await killed?.end('SIGKILL')
  await Promise.all(send)
  // What it had not acknowledged waits in its session.
  const resumed = await givenButlerProcess(url, 'row-26-a', 'butlers')
  members.push(resumed)
  await vi.waitFor(() => expect(done().size).toBe(600), { timeout: 25_000 })
})
