import type { Disposition } from '@butlerkit/core'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { behavedKinds, givenBroker, givenObserver, givenOpen, givenProxy, givenTransport, statusMessages } from './fixtures.js'
import { bytes, record, text } from './session.js'
import { packets } from './wire-broker.js'

describe.each(behavedKinds)('mqtt() on $broker with MQTT $protocol', ({ broker: kind, protocol }) => {
  it.for([0, 1, 2] as const)('carries messages of QoS %i in and out, whole', async (qos, ctx) => {
    const { url } = await givenBroker(ctx, kind)
    const { transport, session } = await givenOpen({ url, protocol }, { subscriptions: [{ filter: 'in/+', qos }] })
    const observer = await givenObserver(url, 'out/#')
    await observer.publish('in/å', '🦉', qos)
    await session.until(({ messages }) => messages.length === 1)
    expect(session.messages[0]).toMatchObject({ topic: 'in/å', qos, retain: false, duplicate: false, properties: {} })
    expect(text(session.messages[0]?.payload ?? bytes(''))).toBe('🦉')
    await transport.publish({ topic: 'out/1', payload: bytes('é'), qos, retain: false })
    await observer.until(1)
    expect(observer.received).toEqual(['é'])
  })

  it('does not send a message of QoS 2 by the identifier of one that an earlier life has left half sent', async (ctx) => {
    const { port, url } = await givenBroker(ctx, kind)
    const observer = await givenObserver(url, 'out/#')
    const version = protocol === '5' ? 5 : 4
    const earlier = createConnection(port, '127.0.0.1')
    earlier.write(packets(version).connect('crashes'))
    await once(earlier, 'data')
    earlier.write(packets(version).publish('out/1', 'half sent', { qos: 2, id: 1 }))
    await once(earlier, 'data')
    earlier.destroy()
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5)
    onTestFinished(() => random.mockRestore())
    const { transport } = await givenOpen({ url, protocol, clientId: 'crashes', durable: true })
    await transport.publish({ topic: 'out/1', payload: bytes('whole'), qos: 2, retain: false })
    // aedes passes on what is half sent, too.
    await vi.waitFor(() => expect(observer.received).toContain('whole'))
  })

  it('tells retained messages from others, and leaves its own retained', async (ctx) => {
    const { url } = await givenBroker(ctx, kind)
    const observer = await givenObserver(url)
    await observer.publish('in/1', 'kept', 1, { retain: true })
    const { transport, session } = await givenOpen({ url, protocol }, { subscriptions: [{ filter: 'in/#', qos: 1 }] })
    await session.until(({ messages }) => messages.length === 1)
    expect(session.messages[0]?.retain).toBe(true)
    await transport.publish({ topic: 'out/1', payload: bytes('mine'), qos: 1, retain: true })
    const late = await givenObserver(url, 'out/#')
    await late.until(1)
    expect(late.received).toEqual(['mine'])
  })

  it.for([1, 2] as const)('lets a handler publish at QoS 1 and wait for it, message of QoS %i', async (qos, ctx) => {
    const { url } = await givenBroker(ctx, kind)
    const transport = givenTransport({ url, protocol })
    const receive = async (): Promise<Disposition> => {
      await transport.publish({ topic: 'out/1', payload: bytes('answer'), qos: 1, retain: false })
      return 'ack' as const
    }
    await transport.open(record({ subscriptions: [{ filter: 'in/#', qos }], receive }))
    const observer = await givenObserver(url, 'out/#')
    for (let count = 0; count < 30; count += 1) await observer.publish('in/1', 'ask', qos)
    await observer.until(30)
    expect(observer.received).toHaveLength(30)
  })

  it('delivers what came while it was away, when durable', async (ctx) => {
    const { url } = await givenBroker(ctx, kind)
    const observer = await givenObserver(url)
    const options = { url, protocol, clientId: 'durable', durable: true } as const
    const subscriptions = [{ filter: 'in/#', qos: 1 }] as const
    const first = await givenOpen(options, { subscriptions })
    await first.transport.drain()
    await observer.publish('in/1', 'while draining')
    await first.transport.close()
    await observer.publish('in/1', 'while away')
    expect(first.session.messages).toEqual([])
    const { session } = await givenOpen(options, { subscriptions })
    await session.until(({ messages }) => messages.length === 2)
    expect(session.messages.map(({ payload }) => text(payload))).toEqual(['while draining', 'while away'])
  })

  it.for([1, 2] as const)('hands a message of QoS %i on once, though the link is cut while it is handled', async (qos, ctx) => {
    const { port, url } = await givenBroker(ctx, kind)
    const relay = await givenProxy(port)
    const handlings: ((disposition: Disposition) => void)[] = []
    const { session } = await givenOpen(
      { url: relay.url, protocol, clientId: 'cut', durable: true },
      { subscriptions: [{ filter: 'in/#', qos }], receive: () => new Promise((resolve) => void handlings.push(resolve)) },
    )
    const observer = await givenObserver(url)
    await observer.publish('in/1', 'one', qos)
    await session.until(({ messages }) => messages.length === 1)
    relay.cut()
    await session.until(({ healths }) => healths.at(-1)?.state === 'reconnecting')
    await session.until(({ healths }) => healths.at(-1)?.state === 'connected')
    handlings[0]?.('ack')
    await observer.publish('in/1', 'two', qos)
    await session.until(({ messages }) => messages.length === 2)
    expect(session.messages.map(({ payload }) => text(payload))).toEqual(['one', 'two'])
  })

  it('comes back after a cut: subscribed again, status told, and what waited is sent', async (ctx) => {
    const { port, url } = await givenBroker(ctx, kind)
    const relay = await givenProxy(port)
    const { transport, session } = await givenOpen(
      { url: relay.url, protocol },
      { subscriptions: [{ filter: 'in/#', qos: 1 }], status: statusMessages },
    )
    const status = await givenObserver(url, statusMessages.topic)
    const observer = await givenObserver(url, 'out/#')
    await status.until(1)
    relay.cut()
    await session.until(({ healths }) => healths.at(-1)?.state === 'reconnecting')
    const sent = transport.publish({ topic: 'out/1', payload: bytes('waited'), qos: 1, retain: false })
    await session.until(({ healths }) => healths.at(-1)?.state === 'connected')
    await sent
    await observer.until(1)
    await observer.publish('in/1', 'flows')
    await session.until(({ messages }) => messages.length === 1)
    await transport.drain()
    await transport.close()
    await status.until(5)
    expect(status.received).toEqual(['online', 'offline', 'online', 'draining', 'offline'])
    expect(observer.received).toEqual(['waited'])
    expect(session.healths.map(({ state }) => state)).toEqual([
      'connecting',
      'connected',
      'reconnecting',
      'connected',
      'draining',
      'closed',
    ])
    expect(session.healths[2]?.reason).toMatch(/closed the connection.*; attempt \d+ in \d+ ms/)
  })

  it('changes its subscriptions while it runs', async (ctx) => {
    const { url } = await givenBroker(ctx, kind)
    const { transport, session } = await givenOpen(
      { url, protocol },
      {
        subscriptions: [
          { filter: 'a', qos: 1 },
          { filter: 'b', qos: 1 },
        ],
      },
    )
    await transport.subscribe([
      { filter: 'b', qos: 1 },
      { filter: 'c', qos: 2 },
    ])
    const observer = await givenObserver(url)
    for (const topic of ['a', 'b', 'c']) await observer.publish(topic, topic, 2)
    await session.until(({ messages }) => messages.length === 2)
    expect(session.messages.map(({ topic, qos }) => [topic, qos])).toEqual([
      ['b', 1],
      ['c', 2],
    ])
  })

  it('takes no message after drain, but settles those it has', async (ctx) => {
    const { url } = await givenBroker(ctx, kind)
    const handlings: ((disposition: Disposition) => void)[] = []
    const { transport, session } = await givenOpen(
      { url, protocol },
      { subscriptions: [{ filter: 'in/#', qos: 1 }], receive: () => new Promise((resolve) => void handlings.push(resolve)) },
    )
    const observer = await givenObserver(url, 'out')
    await observer.publish('in/1', 'before')
    await session.until(({ messages }) => messages.length === 1)
    await transport.drain()
    await observer.publish('in/1', 'after')
    await transport.publish({ topic: 'out', payload: bytes('a handler may still publish'), qos: 1, retain: false })
    await observer.until(1)
    handlings[0]?.('ack')
    await transport.close()
    expect(session.messages).toHaveLength(1)
  })

  it('sends what waits in order and no more at a time than the broker takes', async (ctx) => {
    const { url } = await givenBroker(ctx, kind)
    const { transport } = await givenOpen({ url, protocol })
    const observer = await givenObserver(url, 'out')
    const numbers = Array.from({ length: 500 }, (_, index) => `${index}`)
    await Promise.all(numbers.map((number) => transport.publish({ topic: 'out', payload: bytes(number), qos: 1, retain: false })))
    await observer.until(500)
    expect(observer.received).toEqual(numbers)
    expect(transport.health().state).toBe('connected')
  })

  it('refuses what the broker would hang up on, and stays connected', async (ctx) => {
    const { url } = await givenBroker(ctx, kind)
    const { transport, session } = await givenOpen({ url, protocol })
    const publish = (topic: string) => transport.publish({ topic, payload: bytes('x'), qos: 1, retain: false })
    for (const topic of ['', 'a/+', 'a/#', 'a\0b', 'x'.repeat(65_536), '\ud800']) {
      await expect(publish(topic)).rejects.toMatchObject({ name: 'MqttError', code: 'MQTT_TOPIC_INVALID' })
    }
    await expect(transport.subscribe([{ filter: 'a#', qos: 1 }])).rejects.toMatchObject({ code: 'MQTT_TOPIC_INVALID' })
    await publish('fine')
    expect(session.healths.map(({ state }) => state)).toEqual(['connecting', 'connected'])
  })

  it('lives on while a handler takes longer than the keepalive', async (ctx) => {
    const { port, url } = await givenBroker(ctx, kind)
    let pings = 0
    const relay = await givenProxy(port, {
      sent: (chunk) => {
        if (chunk.includes(Buffer.from([0xc0, 0x00]))) pings += 1
        session.check()
      },
    })
    const session = record({
      subscriptions: [{ filter: 'in/#', qos: 1 }],
      receive: async () => {
        await session.until(() => pings >= 2)
        return 'ack' as const
      },
    })
    await givenTransport({ url: relay.url, protocol, keepaliveSeconds: 1 }).open(session)
    const observer = await givenObserver(url)
    await observer.publish('in/1', 'slow')
    await session.until(() => pings >= 2)
    await observer.publish('in/1', 'next')
    await session.until(({ messages }) => messages.length === 2)
    expect(session.healths.map(({ state }) => state)).toEqual(['connecting', 'connected'])
  })
})
