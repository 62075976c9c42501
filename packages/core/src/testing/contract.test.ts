import { describe, expect, it } from 'vitest'
import { ButlerError } from '../errors.js'
import { fanOut } from '../notify/fan-out.js'
import type { Notifier } from '../notify/notifier.js'
import { memoryStore } from '../store/memory-store.js'
import type { Store } from '../store/store.js'
import { createMemoryBroker } from '../transport/memory-transport.js'
import type { InboundMessage, Transport, TransportSession } from '../transport/transport.js'
import { contractOutcomes } from './contract-outcomes.js'
import { notifierContract } from './notifier-contract.js'
import { recorder } from './recorder.js'
import { storeContract } from './store-contract.js'
import { transportContract } from './transport-contract.js'
import { createVirtualClock } from './virtual-clock.js'

const noBench = { close: () => {} }

describe('a contract', () => {
  it('skips by name, with the reason', async () => {
    const cannot = { 'has nothing to begin with': 'it was here before' }
    const outcomes = await contractOutcomes((runner) =>
      storeContract({ ...runner, name: 'x', cannot, open: () => ({ ...noBench, store: memoryStore() }) }),
    )
    expect(outcomes.get('has nothing to begin with')).toBe('it was here before')
    expect(outcomes.get('takes the ttlMs of the last set: none means for ever')).toBe('its bench cannot let time pass')
    expect(outcomes.get('keeps the last value that was set')).toBe('passed')
  })

  it('refuses to skip what is no test of it', async () => {
    const cannot = { 'flies to the moon': 'no rocket' }
    const define = contractOutcomes((runner) =>
      storeContract({ ...runner, name: 'x', cannot, open: () => ({ ...noBench, store: memoryStore() }) }),
    )
    await expect(define).rejects.toMatchObject({ code: 'CONTRACT_OPTIONS', message: expect.stringContaining('flies to the moon') })
  })

  it('closes its bench after a test that passed, was skipped or failed', async () => {
    let open = 0
    const outcomes = await contractOutcomes((runner) =>
      storeContract({
        ...runner,
        name: 'x',
        open() {
          open += 1
          return { store: { ...memoryStore(), get: () => Promise.reject(new Error('broken')) }, close: () => (open -= 1) }
        },
      }),
    )
    expect(new Set(outcomes.values())).toContain('failed')
    expect(open).toBe(0)
  })
})

describe('transportContract', () => {
  const receiving = { publish: false, qos: 0, retain: false, reply: false, userProperties: false, ackControl: false } as const

  function outcomesOf(breakIt: (transport: Transport) => Transport, only?: string) {
    return contractOutcomes(
      (runner) =>
        transportContract({
          ...runner,
          name: 'x',
          open() {
            const broker = createMemoryBroker()
            return {
              transport: (client) => breakIt(broker.transport(client)),
              disconnect: ({ clientId }) => broker.disconnect(clientId),
              reconnect: ({ clientId }) => broker.reconnect(clientId),
              close: () => {},
            }
          },
        }),
      only,
    )
  }

  /** The same transport, its session seen through `change`. */
  function withSession(transport: Transport, change: (session: TransportSession) => Partial<TransportSession>): Transport {
    return { ...transport, open: (session, options) => transport.open({ ...session, ...change(session) }, options) }
  }

  /** The same transport, each message changed on its way in. */
  function withMessage(transport: Transport, change: (message: InboundMessage) => Partial<InboundMessage>): Transport {
    return withSession(transport, ({ receive }) => ({ receive: (message) => receive({ ...message, ...change(message) }) }))
  }

  it('asks a transport that only receives for no more than it promises', async () => {
    const outcomes = await outcomesOf((transport) => ({ ...transport, capabilities: receiving }))
    const passed = [...outcomes].filter(([, outcome]) => outcome === 'passed')
    expect(passed).toHaveLength(7)
    expect(new Set(outcomes.values())).toEqual(
      new Set([
        'passed',
        'it only receives',
        'it has no QoS 1',
        'it has no QoS 2',
        'it keeps no retained messages',
        'it carries no response topic',
        'it carries a response topic',
        'it carries no user properties',
        'it carries user properties',
        'it cannot hold acknowledgements',
        'its messages do not tell by which subscriptions they came',
        'it has no shared subscriptions',
      ]),
    )
  })

  it.each<[string, (transport: Transport) => Transport, string]>([
    ['tells nobody of its health', (t) => withSession(t, () => ({ changed: () => {} })), 'tells of every change of its health'],
    [
      'opens whatever the signal says',
      (t) => ({ ...t, open: (session) => t.open(session) }),
      'does not open with a signal that has aborted',
    ],
    [
      'publishes whatever the signal says',
      (t) => ({ ...t, publish: (message) => t.publish(message) }),
      'publishes nothing with a signal that has aborted',
    ],
    [
      'hides what it could not publish',
      (t) => ({ ...t, publish: (...args) => t.publish(...args).catch(() => {}) }),
      'publishes nothing before it is opened, and nothing after it is closed',
    ],
    [
      'hides what it could not publish',
      (t) => ({ ...t, publish: (...args) => t.publish(...args).catch(() => {}) }),
      'refuses a topic name MQTT does not allow before it reaches the other side, and stays connected',
    ],
    [
      'rejects with any error',
      (t) => ({ ...t, subscribe: () => Promise.reject(new Error('no')) }),
      'refuses a topic filter MQTT does not allow, and keeps those it has',
    ],
    [
      'reads payloads as text',
      (t) => withMessage(t, ({ payload }) => ({ payload: Buffer.from(Buffer.from(payload).toString()) })),
      'carries every byte there is unchanged',
    ],
    [
      'loses empty payloads',
      (t) => withSession(t, ({ receive }) => ({ receive: (m) => (m.payload.length ? receive(m) : 'ack') })),
      'carries an empty payload unchanged',
    ],
    ['makes everything QoS 1', (t) => withMessage(t, () => ({ qos: 1 })), 'carries QoS 2'],
    [
      'makes everything QoS 1',
      (t) => withMessage(t, () => ({ qos: 1 })),
      'delivers at the lower quality of service of publisher and subscription',
    ],
    ['loses properties', (t) => withMessage(t, () => ({ properties: {} })), 'carries a response topic and correlation data'],
    ['loses properties', (t) => withMessage(t, () => ({ properties: {} })), 'carries user properties, media type and expiry'],
    [
      'does not know what is retained',
      (t) => withMessage(t, () => ({ retain: false })),
      'hands a retained message to later subscriptions, marked, and the next one unmarked',
    ],
    ['does not know what is a duplicate', (t) => withMessage(t, () => ({ duplicate: false })), 'marks as duplicate what it delivers again'],
    [
      'does not tell by which subscriptions messages came',
      (t) => withMessage(t, () => ({ subscriptionIds: [] })),
      'tells by which subscriptions a message came',
    ],
    [
      'delivers twice',
      (t) => withSession(t, ({ receive }) => ({ receive: (m) => (void receive(m), receive(m)) })),
      'delivers once, however often a filter was named',
    ],
    [
      'delivers twice',
      (t) => withSession(t, ({ receive }) => ({ receive: (m) => (void receive(m), receive(m)) })),
      'gives each message of a shared subscription to one of its members',
    ],
    ['never unsubscribes', neverUnsubscribes, 'subscribes to what is new and unsubscribes from what is not named'],
    ['never unsubscribes', neverUnsubscribes, 'may be left with no subscription'],
    [
      'asks anew for all it subscribes to',
      (t) => ({ ...t, subscribe: async (wanted) => (await t.subscribe([]), t.subscribe(wanted)) }),
      'does not ask again for what it is subscribed to',
    ],
    [
      'catches everything with #',
      (t) => withSession(t, ({ subscriptions }) => ({ subscriptions: subscriptions.map((each) => ({ ...each, filter: '#' })) })),
      'delivers to sport/+ what it matches, and nothing else',
    ],
    [
      'catches with # what begins with $',
      (t) => withSession(t, ({ subscriptions }) => ({ subscriptions: [...subscriptions, { filter: '$butlerkit/#', qos: 1 }] })),
      'keeps topics that begin with $ away from filters that begin with a wildcard',
    ],
    [
      'catches nothing that begins with $',
      (t) => withSession(t, ({ receive }) => ({ receive: (m) => (m.topic.startsWith('$') ? 'ack' : receive(m)) })),
      'delivers to $butlerkit/+ what it matches, and nothing else',
    ],
    ['hands on one message at a time', oneAtATime, 'hands on the next message while one is being handled'],
    [
      'acknowledges before the handler',
      (t) => withSession(t, ({ receive }) => ({ receive: (m) => (void receive(m), 'ack') })),
      'delivers again what was left, and not what was acknowledged',
    ],
    [
      'never acknowledges',
      (t) => withSession(t, ({ receive }) => ({ receive: async (m) => (await receive(m), 'leave' as const) })),
      'delivers again what was left, and not what was acknowledged',
    ],
    [
      'never acknowledges',
      (t) => withSession(t, ({ receive }) => ({ receive: async (m) => (await receive(m), 'leave' as const) })),
      'acknowledges what was settled before it is closed',
    ],
    ['does not drain', (t) => ({ ...t, drain: async () => {} }), 'takes no message after drain, settles those it has, and still publishes'],
    ['does not drain', (t) => ({ ...t, drain: async () => {} }), 'leaves what came after drain to the next that takes up the session'],
    ['does not drain', (t) => ({ ...t, drain: async () => {} }), 'says online, draining and offline, in this order'],
    [
      'closes when it drains',
      (t) => ({ ...t, drain: () => t.close() }),
      'takes no message after drain, settles those it has, and still publishes',
    ],
    ['has no status', withoutStatus, 'leaves its status retained'],
    ['has no status', withoutStatus, 'leaves offline as its will, and says online again once it is back'],
    [
      'stays away for ever',
      (t) => ({ ...t, health: () => ({ state: 'reconnecting', since: new Date() }) }),
      'tells that the connection is lost, and why, and comes back with its subscriptions, each once',
    ],
    ['loses what is published without a connection', lossy, 'loses nothing in silence that is published while the connection is lost'],
    [
      'forgets a change made without a connection',
      (t) => ({ ...t, subscribe: async (wanted) => (t.health().state === 'connected' ? t.subscribe(wanted) : undefined) }),
      'takes up a change of subscriptions made while the connection was lost',
    ],
  ])('fails a transport that %s', async (_, breakIt, test) => {
    expect((await outcomesOf(breakIt, test)).get(test)).toBe('failed')
  })

  function neverUnsubscribes(transport: Transport): Transport {
    const all = new Map()
    const remember: Transport['subscribe'] = (wanted) => {
      for (const each of wanted) all.set(each.filter, each)
      return transport.subscribe([...all.values()])
    }
    return {
      ...withSession(transport, ({ subscriptions }) => (subscriptions.forEach((each) => all.set(each.filter, each)), {})),
      subscribe: remember,
    }
  }

  function oneAtATime(transport: Transport): Transport {
    let last: Promise<unknown> = Promise.resolve()
    return withSession(transport, ({ receive }) => ({
      receive(message) {
        const settled = last.then(() => receive(message))
        last = settled
        return settled
      },
    }))
  }

  function withoutStatus(transport: Transport): Transport {
    return {
      ...transport,
      open: ({ subscriptions, receive, changed, logger }, options) => transport.open({ subscriptions, receive, changed, logger }, options),
    }
  }

  function lossy(transport: Transport): Transport {
    return {
      ...transport,
      publish: async (...args) => (transport.health().state === 'reconnecting' ? undefined : transport.publish(...args)),
    }
  }
})

describe('storeContract', () => {
  it.each<[string, (store: Store) => Partial<Store>, string]>([
    [
      'takes an empty value for none',
      (s) => ({ get: async (key) => (await s.get(key)) || undefined }),
      'keeps an empty value, which is not none',
    ],
    [
      'keeps the first value',
      (s) => ({ set: async (...args) => void (await s.setIfAbsent(...args)) }),
      'keeps the last value that was set',
    ],
    [
      'looks and sets in two steps',
      (s) => ({ setIfAbsent: async (...args) => (await s.get(args[0])) === undefined && (await s.set(...args), true) }),
      'lets one of many that come at once set what is absent',
    ],
    [
      'always says it has set',
      (s) => ({ setIfAbsent: async (...args) => (await s.setIfAbsent(...args), true) }),
      'sets what is absent, and says so',
    ],
    ['always says it has deleted', (s) => ({ delete: async (key) => (await s.delete(key), true) }), 'has nothing to begin with'],
    [
      'always says it has deleted',
      (s) => ({ delete: async (key) => (await s.delete(key), true) }),
      'lets one of many that come at once delete a value',
    ],
    [
      'keeps for ever',
      (s) => ({ set: (key, value) => s.set(key, value) }),
      'keeps what set was given a ttlMs for until it is over, and not longer',
    ],
    [
      'keeps for ever',
      (s) => ({ setIfAbsent: (key, value) => s.setIfAbsent(key, value) }),
      'keeps what setIfAbsent was given a ttlMs for until it is over, and not longer',
    ],
    [
      'mixes up keys by case and length',
      (s) => ({ get: (key) => s.get(key.slice(0, 9)), set: (key, value) => s.set(key.slice(0, 9), value) }),
      'keeps keys and values that are long, apart from others',
    ],
    ['ends with its process', (s) => ({ ...s, outlivesProcess: true }), 'has what was stored after a restart'],
  ])('fails a store that %s', async (_, breakIt, test) => {
    const outcomes = await contractOutcomes(
      (runner) =>
        storeContract({
          ...runner,
          name: 'x',
          open() {
            const clock = createVirtualClock()
            const store = memoryStore({ clock })
            return { ...noBench, store: { ...store, ...breakIt(store) }, advance: (ms) => clock.advance(ms), reopen: () => memoryStore() }
          },
        }),
      test,
    )
    expect(outcomes.get(test)).toBe('failed')
  })
})

describe('notifierContract', () => {
  const secret = 'https://hooks.lab/T0P53CR3T'

  it.each<[string, (notifier: Notifier) => Notifier['notify'], string]>([
    [
      'delivers twice',
      (n) =>
        async (...args) => (await n.notify(...args), n.notify(...args)),
      'delivers a title alone and gives a receipt',
    ],
    [
      'answers for somebody else',
      (n) =>
        async (...args) => ({ ...(await n.notify(...args)), notifier: 'somebody' }),
      'delivers all there can be and gives a receipt',
    ],
    [
      'writes into the notification',
      (n) => (notification, options) => n.notify(Object.assign(notification, { title: 'mine' }), options),
      'delivers every severity and gives a receipt',
    ],
    [
      'does not heed its signal',
      (n) => (notification) => n.notify(notification),
      'delivers nothing with a signal that has aborted, and rejects with its reason',
    ],
    [
      'waits for ever',
      (n) => (notification, options) => n.notify(notification, options?.signal?.aborted ? options : {}),
      'stops waiting when its signal aborts, and rejects with its reason',
    ],
    [
      'fails in silence',
      (n) =>
        (...args) =>
          n.notify(...args).catch(() => ({ notifier: n.name })),
      'rejects with a ButlerError that holds no secret when the target refuses, and delivers again after that',
    ],
    [
      'tells its secret',
      (n) =>
        (...args) =>
          n.notify(...args).catch(() => {
            throw new ButlerError('X', 'refused', { cause: new Error(`POST ${secret}`) })
          }),
      'rejects with a ButlerError that holds no secret when the target refuses, and delivers again after that',
    ],
    [
      'throws just any error',
      (n) =>
        (...args) =>
          n.notify(...args).catch(() => {
            throw new Error('refused')
          }),
      'rejects with a ButlerError that holds no secret when the target refuses, and delivers again after that',
    ],
  ])('fails a notifier that %s', async (_, breakIt, test) => {
    const outcomes = await contractOutcomes(
      (runner) =>
        notifierContract({
          ...runner,
          name: 'x',
          open() {
            const target = recorder()
            let answer: Notifier['notify'] = target.notify
            const whole = fanOut({ name: 'target', notify: (...args) => answer(...args) })
            return {
              ...noBench,
              notifier: { name: whole.name, notify: breakIt(whole) },
              delivered: () => target.notifications.length,
              fail: (failing) => (answer = failing ? () => Promise.reject(new ButlerError('REFUSED', 'not today')) : target.notify),
              stall: () => ({
                asked: new Promise<void>((resolve) => {
                  answer = (_notification, { signal } = {}) =>
                    new Promise((_resolve, reject) => {
                      signal?.addEventListener('abort', () => reject(signal.reason))
                      resolve()
                    })
                }),
              }),
              secrets: [secret],
            }
          },
        }),
      test,
    )
    expect(outcomes.get(test)).toBe('failed')
  })
})
