import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createButler } from '../butler/butler.js'
import { testButler } from '../testing/index.js'
import { text } from '../topic/codec.js'
import { topic } from '../topic/topic.js'
import { memoryStore } from '../store/memory-store.js'
import { createMemoryBroker } from '../transport/memory-transport.js'
import { exponential } from './backoff.js'
import { deadLetterBytes, deadLetters } from './dead-letter.js'
import { Reject, Retry } from './outcome.js'
import type { RouteOptions } from './route-options.js'
import { createRouter } from './router.js'

const order = topic('order/+id', { params: { id: z.string().min(1) }, payload: z.object({ n: z.number() }) })
const later = () => new Promise((resolve) => setImmediate(resolve))

function orders(handler: (message: { id: string; n: number; attempt: number; signal: AbortSignal }) => unknown, options?: RouteOptions) {
  return createRouter().on(
    order,
    ({ params, payload, attempt, signal }) => handler({ id: params.id, ...payload, attempt, signal }) as void,
    options,
  )
}

function raw(payload: string, topicName = 'order/1') {
  return { topic: topicName, payload: new TextEncoder().encode(payload), qos: 1, retain: false } as const
}

describe('a message that fits its contract', () => {
  it('reaches the handler with parameters and payload as the schemas gave them', async () => {
    const handled = vi.fn()
    await using t = await testButler({ mount: [orders(({ id, n }) => handled({ id, n }))] })
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    expect(handled).toHaveBeenCalledExactlyOnceWith({ id: 'a', n: 1 })
    expect(t.butler.metrics().counters).toMatchObject({ received: 1, handled: 1 })
  })

  it('runs every route that matches, each once', async () => {
    const handled = vi.fn()
    const router = createRouter()
      .on(order, () => handled('order'))
      .on(topic('order/#rest'), () => handled('rest'))
      .on(topic('other/#rest'), () => handled('other'))
    await using t = await testButler({ mount: [router] })
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    expect(handled.mock.calls.flat().toSorted()).toEqual(['order', 'rest'])
  })

  it('has ctx, source, quality of service and the bytes', async () => {
    const seen = vi.fn()
    const router = createRouter<{ name: string }>().on(topic('x', { codec: text }), ({ ctx, source, qos, bytes, retained, attempt }) =>
      seen({ ctx, source, qos, length: bytes.length, retained, attempt }),
    )
    await using t = await testButler({ services: { name: 'service' }, mount: [router] })
    await t.broker.publish(raw('hello', 'x'))
    await t.settled()
    expect(seen).toHaveBeenCalledExactlyOnceWith({
      ctx: { name: 'service' },
      source: 'memory',
      qos: 1,
      length: 5,
      retained: false,
      attempt: 1,
    })
  })
})

describe('a message that does not fit', () => {
  it.each([
    ['{"n": "x"}', 'SCHEMA_MISMATCH', {}],
    ['{"n": ', 'PAYLOAD_UNREADABLE', {}],
    ['', 'PAYLOAD_UNREADABLE', {}],
    ['{"n": 1}', 'PAYLOAD_TOO_LARGE', { maxPayloadBytes: 7 }],
    ['{"n": 1, "deep": [[[]]]}', 'PAYLOAD_TOO_DEEP', { maxDepth: 3 }],
  ])('%j is reported as %s, never handled, and the next one is', async (payload, code, options) => {
    const handled = vi.fn()
    const invalid = vi.fn()
    await using t = await testButler({ mount: [orders(({ n }) => handled(n), options)] })
    t.butler.events.on('invalid', invalid)
    await t.broker.publish(raw(payload))
    await t.broker.publish(raw('{"n":2}'))
    await t.settled()
    expect(invalid).toHaveBeenCalledExactlyOnceWith({
      transport: 'memory',
      topic: 'order/1',
      route: 'order/+id',
      error: expect.objectContaining({ code }),
    })
    expect(handled).toHaveBeenCalledExactlyOnceWith(2)
  })

  it('names the issues and the topic, not the value', async () => {
    const warn = vi.fn()
    const logger = { debug: () => {}, info: () => {}, warn, error: () => {} }
    await using t = await testButler({ mount: [orders(() => {})], logger })
    await t.broker.publish(raw('{"n": "hunter2"}'))
    await t.settled()
    const fields = warn.mock.calls[0]?.[1]
    expect(fields).toMatchObject({ topic: 'order/1', route: 'order/+id', issues: [{ path: ['n'] }] })
    expect(JSON.stringify(fields)).not.toContain('hunter2')
  })

  it('checks parameters too', async () => {
    const invalid = vi.fn()
    await using t = await testButler({ mount: [orders(() => {})] })
    t.butler.events.on('invalid', invalid)
    await t.broker.publish(raw('{"n":1}', 'order/'))
    await t.settled()
    expect(invalid.mock.calls[0]?.[0].error.message).toMatch(/^parameter "id" of order\/ does not fit/)
  })

  it('is dead-lettered below a topic name that any broker takes', async () => {
    await using t = await testButler({ mount: [orders(() => {}, { invalid: 'dead-letter', deadLetter: true })] })
    await t.broker.publish(raw('not json', 'order/a\nb'))
    await t.settled()
    expect(t.published(deadLetters)).toMatchObject([{ topic: 'dead-letter/order/a\uFFFDb', payload: { topic: 'order/a\nb' } }])
  })

  it('goes to the dead-letter topic where the route says so, bytes unchanged', async () => {
    await using t = await testButler({ mount: [orders(() => {}, { invalid: 'dead-letter', deadLetter: true })] })
    await t.broker.publish(raw('not json'))
    await t.broker.publish({ ...raw(''), payload: Uint8Array.from([0xff, 0]) })
    await t.settled()
    const [readable, binary] = t.deadLetters()
    expect(readable).toMatchObject({ topic: 'order/1', reason: 'PAYLOAD_UNREADABLE', attempts: 0, payload: 'not json', encoding: 'utf8' })
    expect(binary?.encoding).toBe('base64')
    expect(binary && [...deadLetterBytes(binary)]).toEqual([0xff, 0])
  })

  it("counts as a failed handler with invalid: 'throw'", async () => {
    const failed = vi.fn()
    await using t = await testButler({ mount: [orders(() => {}, { invalid: 'throw' })] })
    t.butler.events.on('failed', failed)
    await t.broker.publish(raw('{}'))
    await t.settled()
    expect(failed).toHaveBeenCalledOnce()
  })

  it('pollutes no prototype', async () => {
    const seen = vi.fn()
    await using t = await testButler({ mount: [createRouter().on(order, ({ payload }) => seen(payload))] })
    await t.broker.publish(raw('{"n":1,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'))
    await t.settled()
    expect(seen).toHaveBeenCalledExactlyOnceWith({ n: 1 })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('a handler that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws a string',
      () => {
        throw 'no'
      },
    ], // oxlint-disable-line no-throw-literal
    ['throws undefined', () => Promise.reject()], // oxlint-disable-line prefer-promise-reject-errors
  ])('%s is reported with topic and route, and acknowledged', async (_, handler) => {
    const failed = vi.fn()
    await using t = await testButler({ mount: [orders(handler)] })
    t.butler.events.on('failed', failed)
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    expect(failed).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ stage: 'handler', topic: 'order/a', route: 'order/+id', attempt: 1 }),
    )
    expect(t.butler.metrics()).toMatchObject({ inWork: 0, counters: { failed: 1, handled: 0 } })
  })

  it('is run again with growing waits, then dead-lettered with the first and the last error', async () => {
    const attempts: number[] = []
    const router = orders(
      ({ attempt }) => {
        attempts.push(attempt)
        throw new Error(`failure ${attempt}`)
      },
      { retry: { attempts: 3, backoff: exponential({ initialMs: 1_000, jitter: false }) }, deadLetter: true },
    )
    await using t = await testButler({ mount: [router] })
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    await t.clock.advance(999)
    expect(attempts).toEqual([1])
    await t.clock.advance(1)
    expect(attempts).toEqual([1, 2])
    await t.clock.advance(2_000)
    await t.settled()
    expect(attempts).toEqual([1, 2, 3])
    expect(t.deadLetters()).toEqual([
      {
        topic: 'order/a',
        transport: 'memory',
        route: 'order/+id',
        reason: 'FAILED',
        attempts: 3,
        firstError: 'failure 1',
        lastError: 'failure 3',
        payload: '{"n":1}',
        encoding: 'utf8',
        contentType: 'application/json',
        at: '2026-01-01T00:00:03.000Z',
      },
    ])
    expect(t.butler.metrics().counters).toMatchObject({ retried: 2, failed: 1, deadLettered: 1, handled: 0 })
  })

  it.each([
    ['Reject', () => new Reject('never'), 1, 'REJECTED'],
    ['a failure that `when` does not want', () => new TypeError('no'), 1, 'FAILED'],
    ['any other failure', () => new Error('no'), 3, 'FAILED'],
  ])('%s', async (_, failure, runs, reason) => {
    let count = 0
    const router = orders(
      () => {
        count += 1
        throw failure()
      },
      { retry: { attempts: 3, backoff: () => 0, when: (error) => !(error instanceof TypeError) }, deadLetter: 'graveyard' },
    )
    await using t = await testButler({ mount: [router] })
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.clock.advance(10)
    await t.settled()
    expect(count).toBe(runs)
    const [letter] = t.published(topic('graveyard/#topic', { payload: z.object({ reason: z.string() }) }))
    expect(letter).toMatchObject({ topic: 'graveyard/order/a', payload: { reason, attempts: runs } })
  })

  it('waits as long as Retry asks, also on a route without retry', async () => {
    const attempts: number[] = []
    const router = orders(({ attempt }) => {
      attempts.push(attempt)
      if (attempt === 1) throw new Retry('busy', { afterMs: 3_000 })
    })
    await using t = await testButler({ mount: [router] })
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.clock.advance(2_999)
    expect(attempts).toEqual([1])
    await t.clock.advance(1)
    await t.settled()
    expect(attempts).toEqual([1, 2])
  })

  it('leaves the message with its sender when the dead letter cannot be published', async () => {
    const failed = vi.fn()
    await using t = await testButler({
      mount: [
        orders(
          () => {
            throw new Error('no')
          },
          { deadLetter: 'bad/+/prefix' },
        ),
      ],
    })
    t.butler.events.on('failed', failed)
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    expect(failed.mock.calls.map(([report]) => report.stage)).toEqual(['handler', 'dead-letter'])
    expect(t.butler.metrics().counters.deadLettered).toBe(0)
  })
})

describe('a long wait for the next run', () => {
  const options: RouteOptions = { retry: { attempts: 2, backoff: () => 60_000 } }

  it('is spent in the store: acknowledged, nothing in work', async () => {
    const handled = vi.fn()
    const router = orders(({ attempt }) => {
      if (attempt === 1) throw new Error('no')
      handled(attempt)
    }, options)
    await using t = await testButler({ mount: [router] })
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    expect(t.butler.metrics()).toMatchObject({ inWork: 0, counters: { retried: 1 } })
    await t.clock.advance(60_000)
    await t.settled()
    expect(handled).toHaveBeenCalledExactlyOnceWith(2)
  })

  it('goes on in the next process where the store outlives it', async () => {
    const store = { ...memoryStore(), outlivesProcess: true }
    const attempts: number[] = []
    const router = orders(({ attempt }) => {
      attempts.push(attempt)
      if (attempt === 1) throw new Error('no')
    }, options)
    const first = await testButler({ mount: [router], store })
    await first.publish(order, { id: 'a' }, { n: 1 })
    await first.settled()
    await first.butler.stop()
    await using second = await testButler({ mount: [router], store })
    await second.clock.advance(60_000)
    await second.settled()
    expect(attempts).toEqual([1, 2])
    expect(await store.get('butlerkit/test/parked')).toBe('[]')
  })

  it('is reported as lost at a stop where the store does not', async () => {
    const failed = vi.fn()
    const t = await testButler({
      mount: [
        orders(() => {
          throw new Error('no')
        }, options),
      ],
    })
    t.butler.events.on('failed', failed)
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    await t.butler.stop()
    expect(failed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ error: expect.objectContaining({ code: 'RETRY_LOST' }) }))
  })
})

describe('a long wait for the next run, with a store that outlives the process', () => {
  const options: RouteOptions = { retry: { attempts: 2, backoff: () => 60_000 } }

  /** A store that can be out of order. */
  function givenStore() {
    const memory = memoryStore()
    const broken = { is: false }
    const unlessBroken = <A extends readonly unknown[], R>(work: (...args: A) => Promise<R>) => {
      return (...args: A) => (broken.is ? Promise.reject(new Error('out of order')) : work(...args))
    }
    const { get, set, delete: remove } = memory
    const store = { ...memory, outlivesProcess: true, get: unlessBroken(get), set: unlessBroken(set), delete: unlessBroken(remove) }
    return { store, broken }
  }

  /** Writes down its runs, and fails the first of each message. */
  function failingOnce(runs: string[], then: (run: { signal: AbortSignal }) => unknown = () => {}, more: RouteOptions = {}) {
    const handler = ({ id, attempt, signal }: { id: string; attempt: number; signal: AbortSignal }) => {
      runs.push(`${id} ${attempt}`)
      if (attempt === 1) throw new Error('no')
      return then({ signal })
    }
    return orders(handler, { ...options, ...more })
  }

  it('goes on after the store was out of order, and stops', async () => {
    const { store, broken } = givenStore()
    const runs: string[] = []
    const logged = vi.fn()
    const logger = { debug() {}, info() {}, warn() {}, error: logged }
    const t = await testButler({ mount: [failingOnce(runs)], store, logger })
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    broken.is = true
    await t.clock.advance(60_000)
    await t.settled()
    expect(logged).toHaveBeenCalledWith('the store of parked retries failed', expect.objectContaining({ error: new Error('out of order') }))
    broken.is = false
    await t.publish(order, { id: 'b' }, { n: 1 })
    await t.settled()
    expect(JSON.parse((await store.get('butlerkit/test/parked')) ?? '')).toHaveLength(1)
    await t.clock.advance(60_000)
    await t.settled()
    expect(runs).toEqual(['a 1', 'a 2', 'b 1', 'b 2'])
    await t.butler.stop()
    expect(t.butler.health().state).toBe('stopped')
  })

  it('is in the store while it runs again, though another comes', async () => {
    const { store } = givenStore()
    let finish = () => {}
    await using t = await testButler({ mount: [failingOnce([], () => new Promise<void>((resolve) => (finish = resolve)))], store })
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    await t.clock.advance(60_000)
    await t.publish(order, { id: 'b' }, { n: 1 })
    await vi.waitFor(() => expect(t.butler.metrics().counters.retried).toBe(2))
    await later()
    expect(JSON.parse((await store.get('butlerkit/test/parked')) ?? '')).toHaveLength(2)
    finish()
    await t.settled()
    expect(JSON.parse((await store.get('butlerkit/test/parked')) ?? '')).toHaveLength(1)
  })

  it('begins anew in the next process where the run it was for was given up at a stop', async () => {
    const { store } = givenStore()
    const runs: string[] = []
    const never = ({ signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))))
    const first = await testButler({ mount: [failingOnce(runs, never)], store })
    await first.publish(order, { id: 'a' }, { n: 1 })
    await first.settled()
    await first.clock.advance(60_000)
    const stopped = first.butler.stop()
    await later()
    await first.clock.advance(60_000)
    await stopped
    await using second = await testButler({ mount: [failingOnce(runs)], store })
    await second.clock.advance(120_000)
    await second.settled()
    expect(runs).toEqual(['a 1', 'a 2', 'a 2'])
    expect(await store.get('butlerkit/test/parked')).toBe('[]')
  })

  it('fails a start that cannot read it, and leaves nothing open', async () => {
    const { store, broken } = givenStore()
    broken.is = true
    const broker = createMemoryBroker()
    const transport = broker.transport()
    const started = createButler({ name: 'test', transports: [transport], store }).start()
    await expect(started).rejects.toMatchObject({
      code: 'BUTLER_START_FAILED',
      message: 'test: the store of parked retries cannot be read: out of order',
    })
    expect(transport.health().state).toBe('closed')
  })
})

describe('a handler that takes too long', () => {
  it('sees its signal abort, counts as failed, and its late rejection harms nobody', async () => {
    const failed = vi.fn()
    let signal: AbortSignal | undefined
    const router = orders(
      (message) => {
        signal = message.signal
        return new Promise((_, reject) => message.signal.addEventListener('abort', () => reject(new Error('late'))))
      },
      { timeoutMs: 1_000 },
    )
    await using t = await testButler({ mount: [router] })
    t.butler.events.on('failed', failed)
    await t.publish(order, { id: 'a' }, { n: 1 })
    await later()
    await t.clock.advance(1_000)
    await t.settled()
    expect(signal?.reason).toMatchObject({ code: 'HANDLER_TIMEOUT' })
    expect(failed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ error: expect.objectContaining({ code: 'HANDLER_TIMEOUT' }) }))
  })

  it('leaves no timer behind when it is in time', async () => {
    await using t = await testButler({ mount: [orders(later)] })
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    expect(t.clock.pending).toBe(0)
  })
})

describe('lanes', () => {
  it('keep the order within a key and run keys side by side', async () => {
    const log: string[] = []
    const gates = new Map<string, () => void>()
    const router = orders(
      async ({ id, n }) => {
        log.push(`start ${id}${n}`)
        await new Promise<void>((resolve) => gates.set(`${id}${n}`, resolve))
        log.push(`end ${id}${n}`)
      },
      { key: ({ topic: name }) => name },
    )
    await using t = await testButler({ mount: [router] })
    for (const [id, n] of [
      ['a', 1],
      ['a', 2],
      ['b', 1],
    ] as const)
      await t.publish(order, { id }, { n })
    await later()
    expect(log).toEqual(['start a1', 'start b1'])
    gates.get('b1')?.()
    gates.get('a1')?.()
    await later()
    expect(log).toEqual(['start a1', 'start b1', 'end b1', 'end a1', 'start a2'])
    gates.get('a2')?.()
    await t.settled()
  })

  it('hold no more than `concurrency` at once', async () => {
    let now = 0
    let most = 0
    const router = orders(
      async () => {
        most = Math.max(most, (now += 1))
        await later()
        now -= 1
      },
      { concurrency: 3 },
    )
    await using t = await testButler({ mount: [router] })
    for (let n = 0; n < 20; n += 1) await t.publish(order, { id: 'a' }, { n })
    await t.settled()
    expect(most).toBe(3)
    expect(t.butler.metrics().counters.handled).toBe(20)
  })
})

describe('dedupe', () => {
  const dedupe = { by: ({ topic: name }: { topic: string }) => name, ttlMs: 1_000 }

  it('handles one of several same messages, until the time to live is over', async () => {
    const handled = vi.fn()
    await using t = await testButler({ mount: [orders(({ n }) => handled(n), { dedupe })] })
    for (const n of [1, 2]) await t.publish(order, { id: 'a' }, { n })
    await t.settled()
    expect(handled).toHaveBeenCalledExactlyOnceWith(1)
    expect(t.butler.metrics().counters.deduplicated).toBe(1)
    await t.clock.advance(1_000)
    await t.publish(order, { id: 'a' }, { n: 3 })
    await t.settled()
    expect(handled).toHaveBeenLastCalledWith(3)
  })

  it('forgets a message that failed', async () => {
    const handled = vi.fn()
    const router = orders(
      ({ n }) => {
        if (n === 1) throw new Error('no')
        handled(n)
      },
      { dedupe },
    )
    await using t = await testButler({ mount: [router] })
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    await t.publish(order, { id: 'a' }, { n: 2 })
    await t.settled()
    expect(handled).toHaveBeenCalledExactlyOnceWith(2)
  })

  it('fails the message, not the process, when its key function throws', async () => {
    const failed = vi.fn()
    await using t = await testButler({
      mount: [
        orders(() => {}, {
          dedupe: {
            ttlMs: 1,
            by: () => {
              throw new Error('no key')
            },
          },
        }),
      ],
    })
    t.butler.events.on('failed', failed)
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    expect(failed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ attempt: 0 }))
  })
})

describe('middleware', () => {
  it('adds to ctx along the chain and wraps the handler, in the order written', async () => {
    const log: unknown[] = []
    const router = createRouter<{ base: number }>()
      .derive(({ ctx }) => ({ doubled: ctx.base * 2 }))
      .use(async ({ ctx }, next) => {
        log.push('before')
        const result = await next({ tripled: ctx.base * 3 })
        log.push('after')
        return result
      })
    router.on(order, ({ ctx }) => void log.push({ ...ctx }))
    await using t = await testButler({ services: { base: 1 }, mount: [router] })
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    expect(log).toEqual(['before', { base: 1, doubled: 2, tripled: 3 }, 'after'])
  })

  it('sees what handlers throw, and fails the message with what it throws itself', async () => {
    const seen = vi.fn()
    const router = createRouter().use(async (_, next) => {
      try {
        return await next()
      } catch (error) {
        seen(error)
        throw new Reject('wrapped', { cause: error })
      }
    })
    router.on(
      order,
      () => {
        throw new Error('inner')
      },
      { deadLetter: true },
    )
    await using t = await testButler({ mount: [router] })
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.settled()
    expect(seen).toHaveBeenCalledOnce()
    expect(t.deadLetters()).toMatchObject([{ reason: 'REJECTED', lastError: 'wrapped' }])
  })

  it('of a parent wraps mounted routers, below their prefix', async () => {
    const seen = vi.fn()
    const child = createRouter<{ tenant: string }>().on(order, ({ ctx, params, topic: name }) => seen(ctx.tenant, params.id, name))
    const parent = createRouter().derive(() => ({ tenant: 'lab' }))
    parent.mount('tenant/+tenant', child)
    await using t = await testButler({ mount: [parent] })
    await t.broker.publish(raw('{"n":1}', 'tenant/lab/order/7'))
    await t.settled()
    expect(seen).toHaveBeenCalledExactlyOnceWith('lab', '7', 'tenant/lab/order/7')
  })
})

describe('acknowledging', () => {
  it.each([
    [{ ack: 'before' }, 'ack'],
    [{ ack: 'after' }, 'pending'],
    [{ ack: 'manual' }, 'pending'],
  ] as const)('%j is %s while the handler runs', async (options, expected) => {
    let release = () => {}
    await using t = await testButler({ mount: [orders(() => new Promise<void>((resolve) => (release = resolve)), options)] })
    let settled = false
    await t.broker.publish(raw('{"n":1}'))
    void t.broker.settled().then(() => (settled = true))
    await later()
    expect(settled).toBe(expected === 'ack')
    release()
    await t.settled()
  })

  it("with ack: 'manual' happens when the handler says so", async () => {
    const router = createRouter().on(
      order,
      async ({ ack }) => {
        ack()
        await new Promise(() => {})
      },
      { ack: 'manual' },
    )
    const t = await testButler({ mount: [router] })
    await t.broker.publish(raw('{"n":1}'))
    await t.broker.settled()
    const stopped = t.butler.stop()
    await later()
    await t.clock.advance(4_000)
    await stopped
    expect(t.butler.metrics().counters).toMatchObject({ received: 1, abandoned: 1 })
  })
})

describe('waitUntil', () => {
  it('holds the drain, not the acknowledgement, and its failure is reported', async () => {
    const failed = vi.fn()
    let finish = () => {}
    const router = createRouter().on(order, ({ waitUntil }) =>
      waitUntil(async () => {
        await new Promise<void>((resolve) => (finish = resolve))
        throw new Error('background')
      }),
    )
    const t = await testButler({ mount: [router] })
    t.butler.events.on('failed', failed)
    await t.publish(order, { id: 'a' }, { n: 1 })
    await t.broker.settled()
    expect(t.butler.metrics()).toMatchObject({ inWork: 1, counters: { handled: 1 } })
    const stopped = t.butler.stop()
    finish()
    await stopped
    expect(failed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ stage: 'background' }))
  })
})

describe('route options', () => {
  it.each([
    [{ timeoutMs: 0 }, 'timeoutMs must be 1 to 2147483647, not 0'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs must be'],
    [{ concurrency: 0 }, 'concurrency must be'],
    [{ maxPayloadBytes: -1 }, 'maxPayloadBytes must be'],
    [{ retry: { attempts: 0 } }, 'retry.attempts must be'],
    [{ invalid: 'dead-letter' }, "invalid: 'dead-letter' needs deadLetter"],
    [{ ack: 'manual', retry: { attempts: 2 } }, 'leaves nothing to retry'],
  ] satisfies [RouteOptions, string][])('%j is refused: %s', (options, reason) => {
    expect(() => orders(() => {}, options)).toThrow(
      expect.objectContaining({ code: 'ROUTE_OPTIONS', message: expect.stringContaining(`route order/+id: `) }),
    )
    expect(() => orders(() => {}, options)).toThrow(reason)
  })
})
