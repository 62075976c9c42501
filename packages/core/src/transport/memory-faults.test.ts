import { describe, expect, it, vi } from 'vitest'
import { recordSession, toText } from '../testing/recording-session.js'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { connect, durable, hold, message, publishAll, status } from './memory-fixtures.js'
import { createMemoryBroker } from './memory-transport.js'
import type { OutboundMessage, QoS } from './transport.js'

describe('faults', () => {
  it.each<[QoS, boolean[]]>([
    [0, [false, false]],
    [1, [false, true]],
    [2, [false]],
  ])('duplicateNext at QoS %i: DUP %o [MQTT-3.3.1-2] [MQTT-4.3.3-10]', async (qos, duplicates) => {
    const broker = createMemoryBroker()
    const { session } = await connect(broker, ['x', 'y'])
    broker.duplicateNext('x')
    await broker.publish(message('y', 'other', { qos }))
    await publishAll(broker, ['1', '2'], { qos })
    await broker.settled()
    expect(session.messages.slice(1).map(({ duplicate }) => duplicate)).toEqual([...duplicates, false])
  })

  it.each([1, 2] as const)('duplicateNext leaves nothing behind at QoS %i once all is acknowledged', async (qos) => {
    const broker = createMemoryBroker()
    const first = await connect(broker, ['x'], durable)
    broker.duplicateNext()
    await publishAll(broker, ['1'], { qos })
    await first.transport.close()
    const { session } = await connect(broker, ['x'], durable)
    await broker.settled()
    expect(session.messages).toEqual([])
  })

  it.each<[QoS, [string, boolean][]]>([
    [0, [['2', false]]],
    [
      1,
      [
        ['2', false],
        ['1', true],
      ],
    ],
    [
      2,
      [
        ['2', false],
        ['1', true],
      ],
    ],
  ])('dropNext at QoS %i', async (qos, received) => {
    const broker = createMemoryBroker()
    const { session } = await connect(broker, ['x'], durable)
    broker.dropNext()
    await publishAll(broker, ['1', '2'], { qos })
    expect(session.texts).toEqual(['2'])
    broker.disconnect('a')
    broker.reconnect('a')
    await broker.settled()
    expect(session.messages.map(({ payload, duplicate }) => [toText(payload), duplicate])).toEqual(received)
  })

  it('delayNext holds a message back on the clock, and what comes after it: the order is kept [MQTT-4.6.0-6]', async () => {
    const clock = createVirtualClock()
    const broker = createMemoryBroker({ clock })
    const { session } = await connect(broker, ['x'])
    broker.delayNext(1_000)
    await publishAll(broker, ['1', '2'])
    await broker.settled()
    await clock.advance(999)
    expect(session.texts).toEqual([])
    await clock.advance(1)
    expect(session.texts).toEqual(['1', '2'])
    expect(clock.pending).toBe(0)
  })

  it.each(['duplicateNext', 'dropNext'] as const)('%s called twice is for the next two messages', async (fault) => {
    const broker = createMemoryBroker()
    const { session } = await connect(broker, ['x'])
    broker[fault]()
    broker[fault]()
    await publishAll(broker, ['1', '2', '3'], { qos: 0 })
    expect(session.texts).toEqual(fault === 'dropNext' ? ['3'] : ['1', '1', '2', '2', '3'])
  })

  it('refuseNext: a connect leaves the transport failed, and the broker without it', async () => {
    const broker = createMemoryBroker()
    const error = new Error('not authorized')
    broker.refuseNext('connect', error)
    const transport = broker.transport()
    await expect(transport.open(recordSession())).rejects.toBe(error)
    expect(transport.health()).toMatchObject({ state: 'failed', reason: 'not authorized' })
    await expect(transport.publish(message('x'))).rejects.toMatchObject({ code: 'TRANSPORT_CLOSED' })
    expect(() => broker.disconnect('memory')).toThrow(expect.objectContaining({ code: 'CLIENT_UNKNOWN' }))
  })

  it('refuseNext: a subscribe at open, and one later', async () => {
    const broker = createMemoryBroker()
    const error = new Error('not authorized')
    broker.refuseNext('subscribe', error)
    await expect(connect(broker, ['x'])).rejects.toBe(error)
    const { transport, session } = await connect(broker, ['x'])
    broker.refuseNext('subscribe', error)
    await expect(transport.subscribe([{ filter: 'y', qos: 1 }])).rejects.toBe(error)
    broker.disconnect('memory')
    broker.reconnect('memory')
    await publishAll(broker, ['still subscribed'])
    await broker.publish(message('y', 'refused'))
    await broker.settled()
    expect(session.texts).toEqual(['still subscribed'])
  })

  it('refuseNext: one publish of a transport, not of anybody else', async () => {
    const broker = createMemoryBroker()
    const { transport } = await connect(broker)
    const error = new Error('quota exceeded')
    broker.refuseNext('publish', error)
    await broker.publish(message('x'))
    await expect(transport.publish(message('x'))).rejects.toBe(error)
    await transport.publish(message('x'))
  })

  it('disconnect comes back by itself after forMs, and tries again when it is refused', async () => {
    const clock = createVirtualClock()
    const broker = createMemoryBroker({ clock })
    const { transport, session } = await connect(broker, ['x'], durable)
    broker.disconnect('a', { forMs: 100 })
    expect(transport.health()).toMatchObject({ state: 'reconnecting', since: new Date(clock.now()), reason: expect.any(String) })
    broker.refuseNext('connect', new Error('server unavailable'))
    await clock.advance(100)
    expect(transport.health()).toMatchObject({ state: 'reconnecting', reason: 'server unavailable' })
    await clock.advance(100)
    expect(session.healths.map(({ state }) => state)).toEqual(['connecting', 'connected', 'reconnecting', 'reconnecting', 'connected'])
    expect(clock.pending).toBe(0)
  })

  it('reconnect throws what it was refused with', async () => {
    const broker = createMemoryBroker()
    const { transport } = await connect(broker)
    broker.disconnect('memory')
    broker.refuseNext('connect', new Error('server unavailable'))
    expect(() => broker.reconnect('memory')).toThrow('server unavailable')
    broker.reconnect('memory')
    expect(transport.health().state).toBe('connected')
  })

  it('what is published without a connection is sent in order once there is one, or given up by its signal', async () => {
    const published = vi.fn<(message: OutboundMessage) => void>()
    const broker = createMemoryBroker({ published })
    const { transport } = await connect(broker)
    broker.disconnect('memory')
    const abort = new AbortController()
    const given = transport.publish(message('x', 'given up'), { signal: abort.signal })
    const sent = ['1', '2'].map((text) => transport.publish(message('x', text)))
    abort.abort(new Error('changed my mind'))
    await expect(given).rejects.toThrow('changed my mind')
    expect(published).not.toHaveBeenCalled()
    broker.reconnect('memory')
    await Promise.all(sent)
    expect(published.mock.calls.map(([{ payload }]) => toText(payload))).toEqual(['1', '2'])
  })

  it('what is published without a connection fails when the transport closes', async () => {
    const broker = createMemoryBroker()
    const { transport } = await connect(broker)
    broker.disconnect('memory')
    const [sent] = await Promise.allSettled([transport.publish(message('x')), transport.close()])
    expect(sent).toMatchObject({ status: 'rejected', reason: { code: 'TRANSPORT_CLOSED' } })
  })

  it('says draining again when it comes back while it drains', async () => {
    const published = vi.fn<(message: OutboundMessage) => void>()
    const broker = createMemoryBroker({ published })
    const { transport } = await connect(broker, [], {}, { status })
    broker.disconnect('memory')
    await transport.drain()
    broker.reconnect('memory')
    expect(published.mock.calls.map(([{ payload }]) => toText(payload))).toEqual(['online', 'offline', 'draining'])
    expect(transport.health().state).toBe('draining')
  })
})

describe('a crash', () => {
  it('lets nothing leave the client any more: no publish, no acknowledgement, no good-bye', async () => {
    const published = vi.fn<(message: OutboundMessage) => void>()
    const broker = createMemoryBroker({ published })
    const held = hold()
    const { transport, session } = await connect(broker, ['x'], durable, { ...held, status })
    await publishAll(broker, ['1'])
    broker.crash('a')
    const told = session.healths.length
    await held.settle('1', 'ack')
    await expect(transport.publish(message('y'))).rejects.toMatchObject({ code: 'TRANSPORT_CRASHED' })
    await transport.drain()
    await transport.close()
    expect(published.mock.calls.map(([{ topic }]) => topic)).toEqual(['status', 'x', 'status'])
    expect(session.healths.slice(told).map(({ state }) => state)).toEqual(['closed'])
    const again = await connect(broker, [], durable)
    await broker.settled()
    expect(again.session.texts).toEqual(['1'])
  })

  it('is not waited for by settled', async () => {
    const broker = createMemoryBroker()
    await connect(broker, ['x'], durable, { receive: () => new Promise(() => {}) })
    await publishAll(broker, ['1'])
    const settled = broker.settled()
    broker.crash('a')
    await expect(settled).resolves.toBeUndefined()
  })

  it.each(['crash', 'disconnect', 'reconnect'] as const)('%s of nobody is an error', (fault) => {
    expect(() => createMemoryBroker()[fault]('nobody')).toThrow(expect.objectContaining({ code: 'CLIENT_UNKNOWN' }))
  })
})
