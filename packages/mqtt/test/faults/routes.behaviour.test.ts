import { createRouter, text, topic, type Mountable } from '@butlerkit/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startAedes } from '../brokers/aedes.js'
import { givenMosquitto, givenObserver, givenProxy } from '../fixtures.js'
import { qosQuestion } from '../wire-broker.js'
import { createPacketTap } from './packet-tap.js'
import { connects, createJournal, givenButler } from './stage.js'

const versions = [
  { protocol: '5', version: 5 },
  { protocol: '3.1.1', version: 4 },
] as const

describe.each(versions)('routes that change while the butler runs, MQTT $protocol', ({ protocol, version }) => {
  /** The packets in a row; one SUBSCRIBE has one identifier, so that MQTT 5 needs one for each filter. */
  const subscribe = (...filters: string[]) =>
    version === 5 ? filters.map((filter) => `SUBSCRIBE ${filter}`) : [`SUBSCRIBE ${filters.join(' ')}`]

  it.for([true, false])('are subscribed to by exactly what changed, through reconnects (durable: %s)', async (durable, ctx) => {
    const { port, url } = await givenMosquitto(ctx)
    const tap = createPacketTap(version)
    const proxy = await givenProxy(port, { sent: tap.sent })
    const { butler, journal } = await givenButler({ url: proxy.url, protocol, clientId: 'routes', durable })
    const heard = createJournal()
    const router = (...patterns: string[]): Mountable<{}> => {
      const made = createRouter()
      for (const pattern of patterns) made.on(topic(pattern, { codec: text }), ({ payload }) => heard.write(`${pattern} ${payload}`))
      return made
    }
    const taken = () => {
      const packets = tap.packets.filter((packet) => !packet.endsWith(qosQuestion))
      tap.forget()
      return packets
    }
    const reconnected = async (again: () => unknown) => {
      const before = connects(journal)
      tap.forget()
      await again()
      await journal.until(() => connects(journal) > before)
    }
    const observer = await givenObserver(url)
    expect(taken()).toEqual(subscribe('work/#'))

    await butler.attach(router('a/+x', 'b'))
    expect(taken()).toEqual(subscribe('a/+', 'b'))
    const all = await butler.attach(router('a/#rest'))
    expect(taken()).toEqual([...subscribe('a/#'), 'UNSUBSCRIBE a/+'])
    await observer.publish('a/1', 'one')
    await heard.until((lines) => lines.includes('a/+x one') && lines.includes('a/#rest one'))

    await reconnected(() => proxy.cut())
    expect(taken()).toEqual(durable ? [] : subscribe('work/#', 'b', 'a/#'))
    await observer.publish('a/1', 'two')
    await heard.until((lines) => lines.includes('a/+x two') && lines.includes('a/#rest two'))

    await proxy.down()
    await all.detach()
    await butler.attach(router('c'))
    await reconnected(() => proxy.up())
    expect(taken()).toEqual(durable ? [...subscribe('a/+', 'c'), 'UNSUBSCRIBE a/#'] : subscribe('work/#', 'a/+', 'b', 'c'))
    for (const name of ['a/1', 'a/1/2', 'c']) await observer.publish(name, 'three')
    await heard.until((lines) => lines.includes('c three'))
    // What was acknowledged as the link was cut may have come again.
    expect([...new Set(heard.lines)].toSorted()).toEqual(['a/#rest one', 'a/#rest two', 'a/+x one', 'a/+x three', 'a/+x two', 'c three'])
  })

  it('lose no message while a wider route comes and goes, and handle each once after that', async (ctx) => {
    const { url } = await givenMosquitto(ctx)
    const handled: string[] = []
    const { butler, journal } = await givenButler({ url, protocol, clientId: 'wider' }, (payload) => handled.push(payload))
    const sender = await givenObserver(url)
    const sent: string[] = []
    const send = async () => {
      const payload = `${sent.length}`
      sent.push(payload)
      await sender.publish('work/x', payload)
    }
    const all = createRouter().on(topic('#all', { codec: text }), () => {})
    for (let change = 0; change < 12; change += 1) {
      const attaching = butler.attach(all)
      await Promise.all([send(), send(), attaching])
      await Promise.all([send(), send(), (await attaching).detach()])
    }
    await sender.publish('work/end', 'end')
    await journal.until((lines) => lines.includes('handled work/end'))
    expect(new Set(handled)).toEqual(new Set([...sent, 'end']))
    handled.length = 0
    await butler.attach(all)
    for (let count = 0; count < 20; count += 1) await send()
    await journal.until(() => handled.at(-1) === sent.at(-1))
    expect(handled).toEqual(sent.slice(-20))
  })
})

it('a route the broker refuses is not attached, and nothing else is lost by it', async () => {
  const broker = await startAedes({
    authorizeSubscribe: (_client, subscription, done) => done(null, subscription.topic.startsWith('secret') ? null : subscription),
  })
  onTestFinished(() => broker.close())
  const { butler, journal } = await givenButler({ url: broker.url, protocol: '3.1.1', clientId: 'refused' })
  const router = createRouter()
  for (const pattern of ['open/#rest', 'secret/#rest']) router.on(topic(pattern), () => {})
  await expect(butler.attach(router)).rejects.toMatchObject({
    name: 'MqttError',
    code: 'MQTT_SUBSCRIBE_REFUSED',
    refused: [{ filter: 'secret/#', reasonCode: 0x80 }],
  })
  expect(butler.health()).toMatchObject({ ready: true, routes: 1 })
  const sender = await givenObserver(broker.url)
  await sender.publish('open/x', 'for nobody')
  await sender.publish('work/x', 'goes on')
  await journal.until((lines) => lines.includes('handled work/x'))
  expect(butler.metrics().counters).toMatchObject({ received: 1, unmatched: 0 })
})
