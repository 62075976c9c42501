import { describe, expect, it, vi } from 'vitest'
import { asyncapi } from '../asyncapi/index.js'
import { ButlerError } from '../errors.js'
import { createRouter } from '../router/router.js'
import { memoryStore } from '../store/memory-store.js'
import { testButler } from '../testing/index.js'
import { text } from '../topic/codec.js'
import { topic } from '../topic/topic.js'
import { createMemoryBroker } from '../transport/memory-transport.js'
import type { Subscription, Transport } from '../transport/transport.js'
import { createButler } from './butler.js'

const note = topic('note/+path', { codec: text })
const order = topic('order', { codec: text })
const said = (payload: string) => ({ payload: text.encode(payload), qos: 1, retain: false }) as const

/** A transport that writes down what it was to be subscribed to, and refuses some of it. */
function watched(transport: Transport, refuses: (filter: string) => boolean = () => false) {
  const asked: string[][] = []
  const subscribe = async (subscriptions: readonly Subscription[]) => {
    asked.push(subscriptions.map(({ filter }) => filter))
    const refused = subscriptions.find(({ filter }) => refuses(filter))
    // As over a wire: what is not refused may be in place.
    await transport.subscribe(subscriptions.filter((each) => each !== refused))
    if (refused) throw new ButlerError('SUBSCRIBE_REFUSED', refused.filter)
  }
  const watching: Transport = {
    ...transport,
    subscribe,
    open(session, options) {
      asked.push(session.subscriptions.map(({ filter }) => filter))
      return transport.open(session, options)
    },
  }
  return { transport: watching, asked }
}

describe('a router attached to a running butler', () => {
  it('gets messages until it is detached; then they have no route', async () => {
    const heard: string[] = []
    await using t = await testButler({ mount: [createRouter().on(order, ({ payload }) => void heard.push(`order ${payload}`))] })
    const notes = createRouter().on(note, ({ params, payload }) => void heard.push(`${params.path} ${payload}`))
    const attached = await t.butler.attach('lab', notes)
    expect(t.butler.health().routes).toBe(2)
    expect(t.butler.routes.map((route) => route.topic.pattern)).toEqual(['order', 'lab/note/+path'])
    await t.broker.publish({ topic: 'lab/note/x', ...said('first') })
    await t.settled()
    await attached.detach()
    await attached.detach()
    expect(t.butler.routes.map((route) => route.topic.pattern)).toEqual(['order'])
    for (const name of ['lab/note/x', 'order']) await t.broker.publish({ topic: name, ...said('second') })
    await t.settled()
    expect(heard).toEqual(['x first', 'order second'])
  })

  it('is subscribed to by the least set, which grows and shrinks with it', async () => {
    const { transport, asked } = watched(createMemoryBroker().transport())
    const butler = createButler({ name: 'b', transports: [transport] }).mount(createRouter().on(topic('a/b'), () => {}))
    await butler.start()
    const all = await butler.attach(createRouter().on(topic('a/#rest'), () => {}))
    const covered = await butler.attach(createRouter().on(topic('a/+x'), () => {}))
    await all.detach()
    await covered.detach()
    expect(asked).toEqual([['a/b'], ['a/#'], ['a/+'], ['a/b']])
    await butler.stop()
  })

  it('gets the retained messages of what it subscribes to', async () => {
    const heard: string[] = []
    await using t = await testButler({ mount: [] })
    await t.broker.publish({ topic: 'note/x', ...said('first'), retain: true })
    await t.butler.attach(createRouter().on(note, ({ payload, retained }) => void heard.push(`${payload} ${retained}`)))
    await t.settled()
    expect(heard).toEqual(['first true'])
  })

  it('shares its messages where it has a group', async () => {
    const { transport, asked } = watched(createMemoryBroker().transport())
    const butler = createButler({ name: 'b', transports: [transport] })
    await butler.start()
    const attached = await butler.attach(createRouter({ group: 'g' }).on(note, () => {}))
    await attached.detach()
    expect(asked).toEqual([[], ['$share/g/note/+'], []])
    await butler.stop()
  })

  it('is in the AsyncAPI document of the present routes', async () => {
    await using t = await testButler({ mount: [createRouter().on(order, () => {})] })
    const channels = () => {
      const receives = Object.fromEntries(t.butler.routes.map((route) => [route.topic.pattern, route.topic]))
      return Object.values(asyncapi({ receives }, { title: 't', version: '1' }).document.channels).map(({ address }) => address)
    }
    const attached = await t.butler.attach(
      'lab',
      createRouter().on(note, () => {}),
    )
    expect(channels()).toEqual(['order', 'lab/note/{path}'])
    await attached.detach()
    expect(channels()).toEqual(['order'])
  })

  it('can be attached twice, and each time be taken away alone', async () => {
    const handled = vi.fn()
    await using t = await testButler({ mount: [] })
    const router = createRouter().on(order, () => void handled())
    const [one] = [await t.butler.attach(router), await t.butler.attach(router)]
    await t.broker.publish({ topic: 'order', ...said('first') })
    await t.settled()
    expect(handled).toHaveBeenCalledTimes(2)
    await one.detach()
    await t.broker.publish({ topic: 'order', ...said('first') })
    await t.settled()
    expect(handled).toHaveBeenCalledTimes(3)
  })

  it('finishes what it has in work when it is detached', async () => {
    const done: string[] = []
    let finish = () => {}
    await using t = await testButler({ mount: [] })
    const attached = await t.butler.attach(
      createRouter().on(order, async ({ payload, signal }) => {
        await new Promise<void>((resolve) => (finish = resolve))
        done.push(`${payload} ${signal.aborted}`)
      }),
    )
    await t.broker.publish({ topic: 'order', ...said('first') })
    await vi.waitFor(() => expect(t.butler.metrics().inWork).toBe(1))
    await attached.detach()
    finish()
    await t.settled()
    expect(done).toEqual(['first false'])
    await t.restart()
    await t.settled()
    expect(done).toHaveLength(1)
  })

  it('is subscribed to on the next connection where there is none', async () => {
    const heard: string[] = []
    await using t = await testButler({ mount: [] })
    t.broker.disconnect('test')
    const notes = createRouter().on(note, ({ payload }) => void heard.push(payload))
    const gone = await t.butler.attach(createRouter().on(order, ({ payload }) => void heard.push(payload)))
    await t.butler.attach(notes)
    await gone.detach()
    t.broker.reconnect('test')
    for (const name of ['note/x', 'order']) await t.broker.publish({ topic: name, ...said('first') })
    await t.settled()
    expect(heard).toEqual(['first'])
  })

  it('is there from the start where it was attached before', async () => {
    const { transport, asked } = watched(createMemoryBroker().transport())
    const butler = createButler({ name: 'b', transports: [transport] })
    await butler.attach(createRouter().on(order, () => {}))
    const gone = await butler.attach(createRouter().on(note, () => {}))
    await gone.detach()
    await butler.start()
    expect(asked).toEqual([['order']])
    await butler.stop()
  })

  it('waits for a start under way, and shares its failure', async () => {
    const { transport, asked } = watched(createMemoryBroker().transport())
    const butler = createButler({ name: 'b', transports: [transport] })
    const started = butler.start()
    await butler.attach(createRouter().on(order, () => {}))
    await started
    expect(asked).toEqual([[], ['order']])
    await butler.stop()
    const failing = createButler({ name: 'b', transports: [{ ...transport, open: () => Promise.reject(new Error('no route to host')) }] })
    const failed = failing.start()
    await expect(failing.attach(createRouter())).rejects.toMatchObject({ code: 'BUTLER_START_FAILED' })
    await expect(failed).rejects.toMatchObject({ code: 'BUTLER_START_FAILED' })
  })

  it('takes up retries an earlier process has parked for it', async () => {
    const store = { ...memoryStore(), outlivesProcess: true }
    const options = { retry: { attempts: 2, backoff: () => 60_000 } }
    const attempts: number[] = []
    const router = createRouter().on(
      order,
      ({ attempt }) => {
        attempts.push(attempt)
        if (attempt === 1) throw new Error('no')
      },
      options,
    )
    const earlier = await testButler({ mount: [router], store })
    await earlier.publish(order, 'first')
    await earlier.settled()
    await earlier.butler.stop()
    await using t = await testButler({ mount: [], store })
    await t.clock.advance(120_000)
    await t.settled()
    expect(t.butler.metrics().counters.unmatched).toBe(1)
    await t.butler.attach(router)
    await t.settled()
    expect(attempts).toEqual([1, 2])
    expect(await store.get('butlerkit/test/parked')).toBe('[]')
  })

  it('runs its parked retries although it is detached', async () => {
    const attempts: number[] = []
    await using t = await testButler({ mount: [] })
    const attached = await t.butler.attach(
      createRouter().on(
        order,
        ({ attempt }) => {
          attempts.push(attempt)
          if (attempt === 1) throw new Error('no')
        },
        { retry: { attempts: 2, backoff: () => 60_000 } },
      ),
    )
    await t.broker.publish({ topic: 'order', ...said('first') })
    await t.settled()
    await attached.detach()
    await t.clock.advance(60_000)
    await t.settled()
    expect(attempts).toEqual([1, 2])
  })
})

describe('a router that cannot be attached', () => {
  it('for a refused subscription changes nothing, on no transport', async () => {
    const brokers = [createMemoryBroker(), createMemoryBroker()] as const
    const one = watched(brokers[0].transport({ name: 'one' }))
    const two = watched(brokers[1].transport({ name: 'two' }), (filter) => filter === 'note/+')
    const unmatched = vi.fn()
    const butler = createButler({ name: 'b', transports: [one.transport, two.transport] }).mount(createRouter().on(topic('a'), () => {}))
    butler.events.on('unmatched', unmatched)
    await butler.start()
    const router = createRouter()
      .on(order, () => {})
      .on(note, () => {})
    await expect(butler.attach(router)).rejects.toMatchObject({ code: 'SUBSCRIBE_REFUSED', message: 'note/+' })
    expect(one.asked).toEqual([['a'], ['a', 'order', 'note/+'], ['a']])
    expect(two.asked).toEqual([['a'], ['a', 'order', 'note/+'], ['a']])
    expect(butler.health().routes).toBe(1)
    for (const broker of brokers) await broker.publish({ topic: 'order', ...said('first') })
    await Promise.all(brokers.map((broker) => broker.settled()))
    expect(unmatched).not.toHaveBeenCalled()
    expect(butler.metrics().counters.received).toBe(0)
    await butler.stop()
  })

  it('does not spoil what is subscribed to at the same time', async () => {
    const broker = createMemoryBroker()
    const { transport, asked } = watched(broker.transport(), (filter) => filter === 'note/+')
    const heard: string[] = []
    const butler = createButler({ name: 'b', transports: [transport] })
    await butler.start()
    const good = createRouter().on(order, ({ payload }) => void heard.push(payload))
    const results = await Promise.allSettled([
      butler.attach(createRouter().on(topic('a'), () => {})),
      butler.attach(good),
      butler.attach(createRouter().on(note, () => {})),
      butler.attach(createRouter().on(topic('b'), () => {})),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(asked.at(-1)?.toSorted()).toEqual(['a', 'b', 'order'])
    await broker.publish({ topic: 'order', ...said('first') })
    await broker.settled()
    expect(heard).toEqual(['first'])
    await butler.stop()
  })

  it('stays where a narrower subscription is refused', async () => {
    const broker = createMemoryBroker()
    const heard: string[] = []
    const { transport } = watched(broker.transport(), (filter) => filter === 'a/b')
    const butler = createButler({ name: 'b', transports: [transport] })
    const all = await butler.attach(createRouter().on(topic('a/#rest', { codec: text }), ({ topic: name }) => void heard.push(name)))
    await butler.attach(createRouter().on(topic('a/b'), () => {}))
    await butler.start()
    await expect(all.detach()).rejects.toMatchObject({ code: 'SUBSCRIBE_REFUSED' })
    await broker.publish({ topic: 'a/c', ...said('first') })
    await broker.settled()
    expect(heard).toEqual(['a/c'])
    expect(butler.health().routes).toBe(2)
    await butler.stop()
  })

  it('loses nothing that comes while a narrower subscription is being refused', async () => {
    const broker = createMemoryBroker()
    const inner = broker.transport()
    const heard: string[] = []
    let refuse: ((error: Error) => void) | undefined
    const subscribe: Transport['subscribe'] = (subscriptions) =>
      subscriptions.some(({ filter }) => filter === 'a/b') ? new Promise((_, reject) => (refuse = reject)) : inner.subscribe(subscriptions)
    const butler = createButler({ name: 'b', transports: [{ ...inner, subscribe }] })
    const all = await butler.attach(createRouter().on(topic('a/#rest', { codec: text }), ({ topic: name }) => void heard.push(name)))
    await butler.attach(createRouter().on(topic('a/b'), () => {}))
    await butler.start()
    const failure = all.detach().catch((error: unknown) => error)
    await vi.waitFor(() => expect(refuse).toBeDefined())
    await broker.publish({ topic: 'a/c', ...said('first') })
    await broker.settled()
    const refusal = new Error('no')
    refuse?.(refusal)
    expect(await failure).toBe(refusal)
    expect(heard).toEqual(['a/c'])
    await butler.stop()
  })

  it('needs what its transports have, and a butler that is not stopped', async () => {
    const transport = createMemoryBroker().transport()
    const butler = createButler({
      name: 'b',
      transports: [{ ...transport, capabilities: { ...transport.capabilities, sharedSubscriptions: false } }],
    })
    await butler.start()
    await expect(butler.attach(createRouter({ group: 'g' }).on(note, () => {}))).rejects.toMatchObject({ code: 'ROUTE_UNSUPPORTED' })
    await expect(butler.attach(createRouter({ from: 'other' }).on(note, () => {}))).rejects.toMatchObject({
      code: 'ROUTE_TRANSPORT_UNKNOWN',
    })
    expect(butler.routes).toEqual([])
    await butler.stop()
    await expect(butler.attach(createRouter())).rejects.toMatchObject({ code: 'BUTLER_STOPPED' })
  })
})

describe.each(['5', '3.1.1'] as const)('overlapping routes that come and go on a broker that speaks MQTT %s', (protocol) => {
  it.each(['once', 'each'] as const)('handle each message once (%s)', async (overlaps) => {
    const handled: string[] = []
    await using t = await testButler({ mount: [], broker: { protocol, overlaps } })
    const router = (pattern: string) => createRouter().on(topic(pattern, { codec: text }), () => void handled.push(pattern))
    const say = async () => {
      handled.length = 0
      await t.broker.publish({ topic: 'tank/a', ...said('first') })
      await t.settled()
      return handled.toSorted()
    }
    await t.butler.attach(router('tank/+name'))
    const kind = await t.butler.attach(router('+kind/a'))
    expect(await say()).toEqual(['+kind/a', 'tank/+name'])
    const all = await t.butler.attach(router('#all'))
    expect(await say()).toEqual(['#all', '+kind/a', 'tank/+name'])
    await kind.detach()
    expect(await say()).toEqual(['#all', 'tank/+name'])
    await all.detach()
    expect(await say()).toEqual(['tank/+name'])
  })
})
