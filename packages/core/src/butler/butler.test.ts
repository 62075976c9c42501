import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { ButlerError } from '../errors.js'
import type { RouteOptions } from '../router/route-options.js'
import { createRouter } from '../router/router.js'
import { testButler } from '../testing/index.js'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { text } from '../topic/codec.js'
import { topic, type TopicOf, type TopicTypes } from '../topic/topic.js'
import { createMemoryBroker } from '../transport/memory-transport.js'
import type { Transport } from '../transport/transport.js'
import { createButler } from './butler.js'
import { butlerStatus } from './status.js'

const note = topic('note/+path', { codec: text })
const later = () => new Promise((resolve) => setImmediate(resolve))

function receiver(name = 'receiver', overrides: Partial<Transport> = {}): Transport {
  const transport = createMemoryBroker().transport({ name })
  return { ...transport, capabilities: { ...transport.capabilities, publish: false, qos: 0, ackControl: false }, ...overrides }
}

describe('starting', () => {
  it('connects every transport with its subscriptions, once however often it is called', async () => {
    const broker = createMemoryBroker()
    const handled = vi.fn()
    const butler = createButler({ name: 'b', transports: [broker.transport()] }).mount(
      createRouter().on(note, ({ params, payload }) => handled(params.path, payload)),
    )
    expect(butler.health()).toMatchObject({ state: 'idle', ready: false, routes: 1 })
    await Promise.all([butler.start(), butler.start()])
    expect(butler.health()).toMatchObject({ state: 'running', ready: true, components: { memory: { state: 'connected', ready: true } } })
    await butler.publish(note, { path: 'x' }, 'hello')
    await broker.settled()
    expect(handled).toHaveBeenCalledExactlyOnceWith('x', 'hello')
    await butler.stop()
    expect(butler.health()).toMatchObject({ state: 'stopped', ready: false })
  })

  it('opens what can publish before what only receives', async () => {
    const opened: string[] = []
    const recording = (transport: Transport): Transport => ({
      ...transport,
      open: async (session) => (opened.push(transport.name), transport.open(session)),
    })
    const butler = createButler({ name: 'b', transports: [recording(receiver()), recording(createMemoryBroker().transport())] })
    await butler.start()
    expect(opened).toEqual(['memory', 'receiver'])
    await butler.stop()
  })

  it('is all or nothing, and names the transport that failed', async () => {
    const good = createMemoryBroker().transport({ name: 'good' })
    const bad = receiver('bad', { open: () => Promise.reject(new Error('no route to host')) })
    const butler = createButler({ name: 'b', transports: [good, bad] })
    await expect(butler.start()).rejects.toMatchObject({
      code: 'BUTLER_START_FAILED',
      message: 'b: transport "bad" did not open: no route to host',
      cause: new Error('no route to host'),
    })
    expect(good.health().state).toBe('closed')
    expect(butler.health().state).toBe('stopped')
  })

  it.each<[string, TopicOf<TopicTypes>, RouteOptions, string]>([
    ['a QoS no transport has', topic('a', { qos: 2 }), {}, 'route a wants QoS 2; transport "receiver" has 0 at most'],
    ['a request nobody can answer', topic('a', { reply: z.string() }), {}, 'route a is a request; transport "receiver" cannot answer'],
    [
      'an ack by hand without acks',
      topic('a'),
      { ack: 'manual' },
      'route a acknowledges by hand; transport "receiver" has no acknowledgements',
    ],
    ['a dead letter nobody publishes', topic('a'), { deadLetter: true }, 'route a has a dead letter; no transport can publish it'],
    ['a transport that is not there', topic('a'), { from: 'mqtt' }, 'route a listens to "mqtt", which is none of the transports'],
  ])('refuses %s, naming both', async (_, contract, options, message) => {
    const butler = createButler({ name: 'b', transports: [receiver()] }).mount(createRouter().on(contract, () => undefined, options))
    await expect(butler.start()).rejects.toThrow(message)
  })

  it.each([
    [{ name: '', transports: [] }, 'name'],
    [{ name: 'b', transports: [receiver('x'), receiver('x')] }, 'two are named "x"'],
  ])('refuses wrong options', (options, message) => {
    expect(() => createButler(options)).toThrow(
      expect.objectContaining({ code: 'BUTLER_OPTIONS', message: expect.stringContaining(message) }),
    )
  })

  it('closes the doors: no mount after it, no start after stop', async () => {
    const butler = createButler({ name: 'b', transports: [] })
    await butler.start()
    expect(() => butler.mount(createRouter())).toThrow(expect.objectContaining({ code: 'BUTLER_STARTED' }))
    await butler.stop()
    await expect(butler.start()).rejects.toMatchObject({ code: 'BUTLER_STOPPED' })
  })
})

describe('a route with `from`', () => {
  it('hears only the transports it names', async () => {
    const [one, two] = [createMemoryBroker(), createMemoryBroker()]
    const heard = vi.fn()
    const butler = createButler({ name: 'b', transports: [one.transport({ name: 'one' }), two.transport({ name: 'two' })] }).mount(
      createRouter()
        .on(note, ({ source }) => heard('one only', source), { from: 'one' })
        .on(note, ({ source }) => heard('both', source)),
    )
    await butler.start()
    for (const broker of [one, two]) await broker.publish({ topic: 'note/x', payload: text.encode('x'), qos: 1, retain: false })
    await Promise.all([one.settled(), two.settled()])
    expect(heard.mock.calls).toEqual(
      expect.arrayContaining([
        ['one only', 'one'],
        ['both', 'one'],
        ['both', 'two'],
      ]),
    )
    expect(heard).toHaveBeenCalledTimes(3)
    await butler.stop()
  })
})

describe('stopping', () => {
  it('says draining, finishes what is in work, says offline, disconnects', async () => {
    const said: string[] = []
    const broker = createMemoryBroker({ published: ({ payload }) => said.push(JSON.parse(text.decode(payload)).state) })
    let finish = () => {}
    const butler = createButler({ name: 'b', transports: [broker.transport()], status: butlerStatus }).mount(
      createRouter().on(topic('work'), async () => {
        await new Promise<void>((resolve) => (finish = resolve))
        said.push('finished')
      }),
    )
    await butler.start()
    await butler.publishRaw({ topic: 'work', payload: text.encode('{"state":"working"}'), qos: 1, retain: false })
    await later()
    const stopped = butler.stop()
    await later()
    expect(butler.health().state).toBe('stopping')
    finish()
    await Promise.all([stopped, butler.stop()])
    expect(said).toEqual(['online', 'working', 'draining', 'finished', 'offline'])
    const retained = broker.retained('butler/b/status')
    expect(retained && butlerStatus.codec.decode(retained.payload)).toEqual({ name: 'b', state: 'offline' })
  })

  it('gives up after drainTimeoutMs: aborts, and leaves the message unacknowledged', async () => {
    const clock = createVirtualClock()
    const broker = createMemoryBroker()
    const transport = broker.transport()
    const settled = vi.fn()
    const spying: Transport = {
      ...transport,
      open: (session) =>
        transport.open({ ...session, receive: async (message) => (settled(await session.receive(message)), 'ack' as const) }),
    }
    let signal: AbortSignal | undefined
    const abandoned = vi.fn()
    const butler = createButler({ name: 'b', transports: [spying], clock, drainTimeoutMs: 1_000 }).mount(
      createRouter().on(topic('work', { codec: text }), (message) => {
        signal = message.signal
        return new Promise<void>(() => {})
      }),
    )
    butler.events.on('abandoned', abandoned)
    await butler.start()
    await broker.publish({ topic: 'work', payload: text.encode(''), qos: 1, retain: false })
    await later()
    const stopped = butler.stop()
    await clock.advance(1_000)
    await stopped
    expect(signal?.reason).toMatchObject({ code: 'BUTLER_STOPPED' })
    expect(settled).toHaveBeenCalledExactlyOnceWith('leave')
    expect(abandoned).toHaveBeenCalledOnce()
  })

  it('lets a start under way finish first, and works without a start', async () => {
    const transport = createMemoryBroker().transport()
    const butler = createButler({ name: 'b', transports: [transport] })
    const started = butler.start()
    await butler.stop()
    await started
    expect(transport.health().state).toBe('closed')
    await createButler({ name: 'never started', transports: [createMemoryBroker().transport()] }).stop()
  })

  it('happens on a signal only where asked for', async () => {
    const before = process.listenerCount('SIGTERM')
    const butler = createButler({ name: 'b', transports: [], signals: true })
    const stopped = new Promise<void>((resolve) => butler.events.once('stopped', resolve))
    await butler.start()
    expect(process.listenerCount('SIGTERM')).toBe(before + 1)
    process.emit('SIGTERM')
    // Passed on by npm once more: heard, and of no consequence.
    process.emit('SIGTERM')
    await stopped
    expect(process.listenerCount('SIGTERM')).toBe(before)
    const quiet = createButler({ name: 'b', transports: [] })
    await quiet.start()
    expect(process.listenerCount('SIGTERM')).toBe(before)
    await quiet.stop()
  })
})

describe('publishing', () => {
  it('checks before anything is sent', async () => {
    const published = vi.fn()
    const broker = createMemoryBroker({ published })
    const butler = createButler({ name: 'b', transports: [broker.transport()] })
    const contract = topic('a/+id', { payload: z.object({ n: z.number() }) })
    await butler.start()
    await expect(butler.publish(contract, { id: 'a/b' }, { n: 1 })).rejects.toMatchObject({ code: 'TOPIC_PARAM_INVALID' })
    await expect(butler.publish(contract, { id: 'a' }, { n: 'x' as never })).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' })
    await expect(butler.publish(topic('a'), undefined)).rejects.toMatchObject({ code: 'PAYLOAD_UNWRITABLE' })
    expect(published).not.toHaveBeenCalled()
    await butler.stop()
  })

  it('takes what the contract says, unless told otherwise', async () => {
    const published = vi.fn()
    const butler = createButler({ name: 'b', transports: [createMemoryBroker({ published }).transport()] })
    await butler.start()
    const state = topic('state', { codec: text, qos: 2, retain: true, messageExpirySeconds: 60 })
    await butler.publish(state, 'on')
    await butler.publish(state, 'on', { qos: 0, retain: false, userProperties: { by: 'me' } })
    expect(published.mock.calls.map(([message]) => message)).toMatchObject([
      { topic: 'state', qos: 2, retain: true, properties: { messageExpirySeconds: 60, contentType: 'text/plain; charset=utf-8' } },
      { topic: 'state', qos: 0, retain: false, properties: { userProperties: { by: 'me' } } },
    ])
    await butler.stop()
  })

  it('asks which transport where several can', async () => {
    const [one, two] = [createMemoryBroker(), createMemoryBroker()]
    const butler = createButler({ name: 'b', transports: [one.transport({ name: 'one' }), two.transport({ name: 'two' }), receiver()] })
    await butler.start()
    await expect(butler.publish(note, { path: 'x' }, 'x')).rejects.toMatchObject({
      code: 'TRANSPORT_AMBIGUOUS',
      message: expect.stringContaining('one, two'),
    })
    await expect(butler.publish(note, { path: 'x' }, 'x', { via: 'three' })).rejects.toMatchObject({ code: 'TRANSPORT_UNKNOWN' })
    await expect(butler.publish(note, { path: 'x' }, 'x', { via: 'receiver' })).rejects.toMatchObject({ code: 'TRANSPORT_UNKNOWN' })
    await butler.publish(note, { path: 'x' }, 'x', { via: 'two' })
    await butler.stop()
  })
})

describe('events', () => {
  it('that a listener throws on harm neither the message nor the transport', async () => {
    const broker = createMemoryBroker()
    const error = vi.fn()
    const logger = { debug: () => {}, info: () => {}, warn: () => {}, error }
    const butler = createButler({ name: 'b', transports: [broker.transport()], logger }).mount(createRouter().on(note, () => {}))
    butler.events.on('handled', () => {
      throw new ButlerError('LISTENER', 'listener')
    })
    await butler.start()
    await butler.publish(note, { path: 'x' }, 'x')
    await broker.settled()
    expect(error).toHaveBeenCalledExactlyOnceWith('a listener threw', expect.objectContaining({ event: 'handled' }))
    expect(butler.metrics()).toMatchObject({ inWork: 0, counters: { handled: 1 } })
    await butler.stop()
  })

  it('tell of messages without a route', async () => {
    const broker = createMemoryBroker()
    const unmatched = vi.fn()
    const transport = broker.transport()
    const butler = createButler({
      name: 'b',
      transports: [{ ...transport, open: (session) => transport.open({ ...session, subscriptions: [{ filter: '#', qos: 1 }] }) }],
    })
    butler.events.on('unmatched', unmatched)
    await butler.start()
    await broker.publish({ topic: 'nobody/here', payload: text.encode(''), qos: 1, retain: false })
    await broker.settled()
    expect(unmatched).toHaveBeenCalledExactlyOnceWith({ transport: 'memory', topic: 'nobody/here' })
    await butler.stop()
  })
})

describe('a message that several routes handle', () => {
  it('is acknowledged by an orderly stop, and does not come again', async () => {
    const handled: string[] = []
    const router = createRouter()
    for (const name of ['a', 'b', 'c']) {
      router.on(note, async () => {
        await later()
        handled.push(name)
      })
    }
    await using t = await testButler({ mount: [router] })
    await t.publish(note, { path: 'x' }, 'hello')
    await t.restart()
    await t.settled()
    expect(handled).toEqual(['a', 'b', 'c'])
  })
})

describe.each(['5', '3.1.1'] as const)('overlapping routes on a broker that speaks MQTT %s', (protocol) => {
  it.each(['once', 'each'] as const)('handle a message once, however many copies come (%s)', async (overlaps) => {
    const handled: string[] = []
    const router = createRouter()
    for (const pattern of ['tank/+name', '+kind/a', 'tank/a', '#all'])
      router.on(topic(pattern, { codec: text }), () => void handled.push(pattern))
    await using t = await testButler({ mount: [router], broker: { protocol, overlaps } })
    await t.broker.publish({ topic: 'tank/a', payload: text.encode('x'), qos: 1, retain: false })
    await t.settled()
    expect(handled.toSorted()).toEqual(['#all', '+kind/a', 'tank/+name', 'tank/a'])
  })

  it.each(['once', 'each'] as const)('do so without one that covers all (%s)', async (overlaps) => {
    const handled: string[] = []
    const router = createRouter()
    for (const pattern of ['tank/+name', '+kind/a']) router.on(topic(pattern, { codec: text }), () => void handled.push(pattern))
    await using t = await testButler({ mount: [router], broker: { protocol, overlaps } })
    await t.broker.publish({ topic: 'tank/a', payload: text.encode('x'), qos: 1, retain: false })
    await t.settled()
    expect(handled.toSorted()).toEqual(['+kind/a', 'tank/+name'])
  })
})
