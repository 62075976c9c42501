import { describe, expect, it, vi } from 'vitest'
import { toBytes, toText, type RecordingOptions } from '../testing/recording-session.js'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { connect, durable, hold, message, publishAll, status, turn } from './memory-fixtures.js'
import { createMemoryBroker, type MemoryBroker } from './memory-transport.js'
import type { OutboundMessage, QoS } from './transport.js'

describe('quality of service', () => {
  it.each<[publish: QoS, subscribe: QoS, received: QoS]>([
    [0, 0, 0],
    [0, 2, 0],
    [1, 0, 0],
    [1, 1, 1],
    [1, 2, 1],
    [2, 1, 1],
    [2, 2, 2],
  ])('published at %i and subscribed at %i arrives at %i (MQTT 5.0, 3.8.4)', async (publish, subscribe, received) => {
    const broker = createMemoryBroker()
    const { session } = await connect(broker, [['x', subscribe]])
    await broker.publish(message('x', '', { qos: publish }))
    await broker.settled()
    expect(session.messages.map(({ qos }) => qos)).toEqual([received])
  })

  it.each([
    ['once', [2]],
    ['each', [0, 2, 1]],
  ] as const)('of overlapping subscriptions, delivered %s [MQTT-3.3.4-2]', async (overlaps, received) => {
    const broker = createMemoryBroker({ overlaps })
    const { session } = await connect(broker, [
      ['#', 0],
      ['x/+', 2],
      ['x/y', 1],
      ['z', 2],
    ])
    await broker.publish(message('x/y', '', { qos: 2 }))
    await broker.settled()
    expect(session.messages.map(({ qos }) => qos)).toEqual(received)
  })

  it.each([
    [0, []],
    [1, ['x']],
    [2, ['x']],
  ] as const)('%i, for a durable client that is away (MQTT 5.0, 4.1)', async (qos, texts) => {
    const broker = createMemoryBroker()
    const first = await connect(broker, ['x'], durable)
    await first.transport.close()
    await broker.publish(message('x', 'x', { qos }))
    const { session } = await connect(broker, ['x'], durable)
    await broker.settled()
    expect(session.texts).toEqual(texts)
    expect(session.messages.map(({ duplicate }) => duplicate)).toEqual(texts.map(() => false))
  })
})

describe('subscription identifiers', () => {
  it.each([
    ['5', 'once', [[1, 2]]],
    ['5', 'each', [[1], [2], undefined]],
    ['3.1.1', 'once', [undefined]],
  ] as const)('MQTT %s, overlaps %s: %j [MQTT-3.3.4-4] [MQTT-3.3.4-5]', async (protocol, overlaps, ids) => {
    const broker = createMemoryBroker({ protocol, overlaps })
    const { transport, session } = await connect(broker)
    await transport.subscribe([
      { filter: 'x', qos: 0, id: 1 },
      { filter: '#', qos: 1, id: 2 },
      { filter: '+', qos: 2 },
    ])
    await broker.publish(message('x'))
    await broker.settled()
    expect(session.messages.map(({ subscriptionIds }) => subscriptionIds)).toEqual(ids)
  })
})

describe('retained messages', () => {
  it('are the last of their topic, marked, and gone with an empty one [MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-7]', async () => {
    const broker = createMemoryBroker()
    for (const text of ['1', '2']) await broker.publish(message('kept', text, { retain: true }))
    await broker.publish(message('cleared', 'x', { retain: true }))
    await broker.publish(message('cleared', '', { retain: true }))
    const { session } = await connect(broker, ['#'])
    await broker.settled()
    expect(session.messages).toMatchObject([{ topic: 'kept', payload: toBytes('2'), retain: true, duplicate: false }])
    expect(broker.retained('cleared')).toBeUndefined()
  })

  it('are not touched by others [MQTT-3.3.1-8], and arrive unmarked where the subscription was there before [MQTT-3.3.1-12]', async () => {
    const broker = createMemoryBroker()
    const { session } = await connect(broker, ['kept'])
    await broker.publish(message('kept', '1', { retain: true }))
    await broker.publish(message('kept', '2'))
    await broker.settled()
    expect(session.messages.map(({ retain }) => retain)).toEqual([false, false])
    expect(toText(broker.retained('kept')?.payload ?? toBytes('none'))).toBe('1')
  })

  it('come again for a filter subscribed to anew at another quality of service [MQTT-3.8.4-4]', async () => {
    const broker = createMemoryBroker()
    await broker.publish(message('kept', 'x', { retain: true }))
    const { transport, session } = await connect(broker, [['kept', 0]])
    await transport.subscribe([{ filter: 'kept', qos: 1 }])
    await broker.settled()
    expect(session.messages.map(({ qos }) => qos)).toEqual([0, 1])
  })

  it('are not for shared subscriptions (MQTT 5.0, 4.8.2)', async () => {
    const broker = createMemoryBroker()
    await broker.publish(message('kept', 'x', { retain: true }))
    const { session } = await connect(broker, ['$share/g/kept'])
    await broker.settled()
    expect(session.messages).toEqual([])
  })
})

describe('the will', () => {
  it.each<[string, (broker: MemoryBroker) => unknown, string[]]>([
    ['a crash [MQTT-3.1.2-8]', (broker) => broker.crash('a'), ['online', 'offline']],
    ['a lost connection [MQTT-3.1.2-8]', (broker) => broker.disconnect('a'), ['online', 'offline']],
  ])('is published after %s', async (_, lose, texts) => {
    const broker = createMemoryBroker()
    const { session } = await connect(broker, ['status'], { clientId: 'witness' })
    await connect(broker, [], { clientId: 'a' }, { status })
    lose(broker)
    await broker.settled()
    expect(session.texts).toEqual(texts)
    expect(broker.retained('status')).toMatchObject({ payload: toBytes('offline') })
  })

  it('is not published after an orderly close [MQTT-3.14.4-3]', async () => {
    const published = vi.fn<(message: OutboundMessage) => void>()
    const broker = createMemoryBroker({ published })
    const { transport } = await connect(broker, [], {}, { status })
    await transport.close()
    expect(published.mock.calls.map(([{ payload }]) => toText(payload))).toEqual(['online', 'offline'])
  })
})

describe('properties', () => {
  const properties = { responseTopic: 'r', correlationData: toBytes('c'), userProperties: { a: 'b' }, contentType: 'text/plain' }

  it('travel with MQTT 5', async () => {
    const broker = createMemoryBroker()
    const { session } = await connect(broker, ['x'])
    await broker.publish(message('x', '', { properties }))
    await broker.settled()
    expect(session.messages[0]?.properties).toEqual(properties)
  })

  it('do not with MQTT 3.1.1', async () => {
    const broker = createMemoryBroker({ protocol: '3.1.1' })
    const { transport, session } = await connect(broker, ['x'])
    expect(transport.capabilities).toMatchObject({ reply: false, userProperties: false, qos: 2, retain: true, ackControl: true })
    await broker.publish(message('x', '', { properties: { userProperties: { a: 'b' }, contentType: 'text/plain' } }))
    await broker.settled()
    expect(session.messages[0]?.properties).toEqual({})
    for (const lost of [{ responseTopic: 'r' }, { correlationData: toBytes('c') }]) {
      await expect(transport.publish(message('x', '', { properties: lost }))).rejects.toMatchObject({ code: 'TRANSPORT_UNSUPPORTED' })
    }
  })

  it('expiry: what was not sent in time is not sent [MQTT-3.3.2-5], and the rest says how long is left [MQTT-3.3.2-6]', async () => {
    const clock = createVirtualClock()
    const broker = createMemoryBroker({ clock })
    const first = await connect(broker, ['x'], durable)
    await first.transport.close()
    for (const seconds of [5, 60]) await broker.publish(message('x', `${seconds}`, { properties: { messageExpirySeconds: seconds } }))
    await broker.publish(message('kept', '', { payload: toBytes('x'), retain: true, properties: { messageExpirySeconds: 5 } }))
    await clock.advance(20_000)
    const { session } = await connect(broker, ['kept'], durable)
    await broker.settled()
    expect(session.messages).toMatchObject([{ payload: toBytes('60'), properties: { messageExpirySeconds: 40 } }])
    expect(broker.retained('kept')).toBeUndefined()
  })
})

describe('settled', () => {
  it('waits for handlers, for what they publish, and for what that causes', async () => {
    const broker = createMemoryBroker()
    const held = hold()
    const relay = await connect(
      broker,
      ['x'],
      { clientId: 'relay' },
      {
        receive: async ({ payload }) => {
          await turn()
          await relay.transport.publish(message('y', toText(payload)))
          return 'ack' as const
        },
      },
    )
    await connect(broker, ['y'], { clientId: 'end' }, held)
    let settled = false
    await broker.publish(message('x', '1'))
    const waiting = broker.settled().then(() => (settled = true))
    await turn()
    await turn()
    await turn()
    expect(settled).toBe(false)
    await held.settle('1', 'ack')
    await waiting
  })

  it('does not wait for a client that is away, nor for the clock', async () => {
    const broker = createMemoryBroker({ clock: createVirtualClock() })
    const away = await connect(broker, ['x'], durable)
    await connect(broker, ['x'], { clientId: 'b' })
    await away.transport.close()
    broker.delayNext(1_000)
    await broker.publish(message('x'))
    await expect(broker.settled()).resolves.toBeUndefined()
  })
})

describe('a receive against the rules', () => {
  it.each<[string, RecordingOptions['receive']]>([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('that %s leaves its message, and is told of', async (_, receive) => {
    const broker = createMemoryBroker()
    const error = vi.fn()
    const logger = { debug: () => {}, info: () => {}, warn: () => {}, error }
    const first = await connect(broker, ['x'], durable, { ...(receive && { receive }), logger })
    await publishAll(broker, ['1'])
    await first.transport.close()
    expect(error).toHaveBeenCalledExactlyOnceWith(expect.any(String), { topic: 'x', error: new Error('broken') })
    const { session } = await connect(broker, [], durable)
    await broker.settled()
    expect(session.texts).toEqual(['1'])
  })
})
