import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { butlerStatus } from '../butler/status.js'
import { sleep } from '../clock.js'
import { createRouter } from '../router/router.js'
import { text } from '../topic/codec.js'
import { topic } from '../topic/topic.js'
import { createVirtualClock, recorder, testButler } from './index.js'

const work = topic('work/+id', { codec: text })
const done = topic('done/+id', { codec: text })
const ask = topic('ask', { payload: z.number(), reply: z.number() })
const turn = () => new Promise((resolve) => setImmediate(resolve))
const forEver = () => new Promise<void>(() => {})

describe('a test butler', () => {
  it('publishes and asks as somebody else would', async () => {
    const router = createRouter()
      .on(ask, ({ payload }) => payload * 2)
      .on(work, ({ params, payload, publish }) => publish(done, { id: params.id }, payload.toUpperCase()))
    await using t = await testButler({ mount: [router] })
    expect(await t.request(ask, 21)).toBe(42)
    expect(await t.tryRequest(ask, 1)).toEqual({ ok: true, reply: 2 })
    await t.publish(work, { id: '1' }, 'x')
    await t.settled()
    expect(t.published(done)).toEqual([{ topic: 'done/1', params: { id: '1' }, payload: 'X', retain: false }])
    expect(t.butler.metrics().counters).toMatchObject({ received: 3, handled: 3 })
  })

  it('takes what a butler takes: services, status, a store, a clock', async () => {
    const clock = createVirtualClock({ startAt: 0 })
    const notify = recorder()
    const router = createRouter<{ notify: typeof notify }>().on(work, async ({ ctx }) => void (await ctx.notify.notify({ title: 'done' })))
    await using t = await testButler({ name: 'b', services: { notify }, mount: [router], status: butlerStatus, clock })
    await t.publish(work, { id: '1' }, '')
    await t.settled()
    expect(notify.notifications).toEqual([{ title: 'done' }])
    expect(t.published(butlerStatus).map(({ payload }) => payload)).toEqual([{ name: 'b', state: 'online' }])
    expect(t.clock).toBe(clock)
  })

  it.each(['5', '3.1.1'] as const)('asks and is answered with MQTT %s', async (protocol) => {
    const square = topic('square', { payload: z.object({ of: z.number() }), reply: z.number() })
    const router = createRouter().on(square, ({ payload }) => payload.of ** 2)
    await using t = await testButler({ mount: [router], broker: { protocol } })
    expect(await t.request(square, { of: 3 })).toBe(9)
  })

  it.each([
    ['5', 'once'],
    ['5', 'each'],
    ['3.1.1', 'once'],
    ['3.1.1', 'each'],
  ] as const)('runs each of several routes that match once: MQTT %s, a broker that delivers %s', async (protocol, overlaps) => {
    const ran: string[] = []
    const router = createRouter()
    for (const pattern of ['a/+x', '+x/b', 'a/b', '#all']) router.on(topic(pattern, { codec: text }), () => void ran.push(pattern))
    await using t = await testButler({ mount: [router], broker: { protocol, overlaps } })
    await t.publish(topic('a/b', { codec: text }), '')
    await t.settled()
    expect(ran.toSorted()).toEqual(['#all', '+x/b', 'a/+x', 'a/b'])
  })

  it('tells what was published with its parameters as handlers get them', async () => {
    const numbered = topic('numbered/+n', { params: { n: z.coerce.number() }, codec: text })
    await using t = await testButler({ mount: [] })
    await t.publish(numbered, { n: 7 }, 'x')
    await t.broker.publish({ topic: 'numbered/x', payload: text.encode('y'), qos: 0, retain: false })
    expect(t.published(numbered).map(({ params }) => params)).toEqual([{ n: 7 }, { n: 'x' }])
  })

  it('ends with its test, also while a handler hangs', async () => {
    const aborted = vi.fn()
    const router = createRouter().on(work, async ({ signal }) => {
      signal.addEventListener('abort', aborted)
      await forEver()
    })
    await using t = await testButler({ mount: [router] })
    await t.publish(work, { id: '1' }, '')
    await turn()
    await t[Symbol.asyncDispose]()
    expect(aborted).toHaveBeenCalledOnce()
    expect(t.clock.pending).toBe(0)
  })
})

describe('faults', () => {
  it('duplicateNext: the handler runs twice, unless the route knows the message', async () => {
    const runs: [string, boolean][] = []
    const router = createRouter()
      .on(work, ({ duplicate }) => void runs.push(['careless', duplicate]))
      .on(work, ({ duplicate }) => void runs.push(['careful', duplicate]), {
        dedupe: { by: ({ payload }) => payload, ttlMs: 1_000 },
      })
    await using t = await testButler({ mount: [router] })
    t.broker.duplicateNext()
    await t.publish(work, { id: '1' }, 'once')
    await t.settled()
    expect(runs.toSorted()).toEqual([
      ['careful', false],
      ['careless', false],
      ['careless', true],
    ])
  })

  it('refuseNext meets the butler, not the test', async () => {
    const failed = vi.fn()
    const router = createRouter().on(work, ({ publish, params }) => publish(done, { id: params.id }, ''))
    await using t = await testButler({ mount: [router] })
    t.butler.events.on('failed', failed)
    t.broker.refuseNext('publish', new Error('quota exceeded'))
    await t.publish(work, { id: '1' }, '')
    await t.settled()
    expect(failed.mock.calls[0]?.[0]).toMatchObject({ error: new Error('quota exceeded') })
  })

  it('disconnect: what the butler publishes meanwhile arrives once it is back', async () => {
    let go = () => {}
    const gate = new Promise<void>((resolve) => (go = resolve))
    const router = createRouter().on(work, async ({ publish, params }) => {
      await gate
      await publish(done, { id: params.id }, '')
    })
    await using t = await testButler({ mount: [router] })
    await t.publish(work, { id: '1' }, '')
    await turn()
    t.broker.disconnect('test')
    go()
    await t.settled()
    expect(t.published(done)).toEqual([])
    t.broker.reconnect('test')
    await t.settled()
    expect(t.published(done)).toHaveLength(1)
  })
})

describe('crash and restart', () => {
  it('delivers again, marked, what the handler had not finished, and not what it had', async () => {
    const runs: [string, boolean][] = []
    const router = createRouter().on(work, async ({ params, duplicate }) => {
      runs.push([params.id, duplicate])
      if (params.id === 'hangs' && !duplicate) await forEver()
    })
    await using t = await testButler({ mount: [router] })
    await t.publish(work, { id: 'done' }, '')
    await t.settled()
    await t.publish(work, { id: 'hangs' }, '')
    await turn()
    const dead = t.butler
    t.crash()
    await t.publish(work, { id: 'later' }, '')
    await t.settled()
    await t.restart()
    await t.settled()
    expect(runs).toEqual([
      ['done', false],
      ['hangs', false],
      ['hangs', true],
      ['later', false],
    ])
    expect(t.butler).not.toBe(dead)
    expect(t.butler.metrics().counters).toMatchObject({ received: 2, handled: 2 })
  })

  it('lets nothing leave the one that is dead: no publish, no retry, no notice of its timers', async () => {
    let go = () => {}
    const gate = new Promise<void>((resolve) => (go = resolve))
    const runs = vi.fn()
    const retrying = topic('retrying', { codec: text })
    const router = createRouter()
      .on(work, async ({ publish, params, duplicate }) => {
        if (!duplicate) await gate
        await publish(done, { id: params.id }, duplicate ? 'second life' : 'first life')
      })
      .on(
        retrying,
        ({ attempt, duplicate }) => {
          runs(duplicate, attempt)
          if (!duplicate) throw new Error('again')
        },
        { retry: { attempts: 5, backoff: () => 1_000 } },
      )
    await using t = await testButler({ mount: [router] })
    await t.publish(retrying, '')
    await t.publish(work, { id: '1' }, '')
    await turn()
    t.crash()
    go()
    await turn()
    expect(t.published(done)).toEqual([])
    await t.restart()
    await t.clock.advance(60_000)
    await t.settled()
    expect(t.published(done).map(({ payload }) => payload)).toEqual(['second life'])
    expect(runs.mock.calls).toEqual([
      [false, 1],
      [true, 1],
    ])
  })

  it('says offline by the will, and online again', async () => {
    await using t = await testButler({ mount: [], status: butlerStatus })
    t.crash()
    t.crash()
    await t.restart()
    expect(t.published(butlerStatus).map(({ payload }) => payload.state)).toEqual(['online', 'offline', 'online'])
  })

  it('restart without a crash stops in order first', async () => {
    const handled = vi.fn()
    await using t = await testButler({ mount: [createRouter().on(work, handled)], status: butlerStatus })
    await t.restart()
    await t.publish(work, { id: '1' }, '')
    await t.settled()
    expect(handled).toHaveBeenCalledOnce()
    expect(t.published(butlerStatus).map(({ payload }) => payload.state)).toEqual(['online', 'draining', 'offline', 'online'])
  })

  it('restart waits for what is in work, which is then over', async () => {
    const runs = vi.fn()
    let finish = () => {}
    const gate = new Promise<void>((resolve) => (finish = resolve))
    await using t = await testButler({ mount: [createRouter().on(work, () => (runs(), gate))] })
    await t.publish(work, { id: '1' }, '')
    await turn()
    const restarted = t.restart()
    finish()
    await restarted
    await t.settled()
    expect(runs).toHaveBeenCalledOnce()
  })

  it('loses what was in work where the session is not durable', async () => {
    const handled = vi.fn(forEver)
    await using t = await testButler({ mount: [createRouter().on(work, handled)], transport: { durable: false } })
    await t.publish(work, { id: '1' }, '')
    await turn()
    t.crash()
    await t.restart()
    await t.settled()
    expect(handled).toHaveBeenCalledOnce()
  })
})

describe('settled', () => {
  it('waits for what handlers publish, however long the chain', async () => {
    const step = topic('step/+n', { params: { n: z.coerce.number() }, codec: text })
    const seen: number[] = []
    const router = createRouter().on(step, async ({ params, publish }) => {
      seen.push(params.n)
      await turn()
      if (params.n > 0) await publish(step, { n: params.n - 1 }, '')
    })
    await using t = await testButler({ mount: [router] })
    await t.publish(step, { n: 5 }, '')
    await t.settled()
    expect(seen).toEqual([5, 4, 3, 2, 1, 0])
  })

  it('waits for background work, and for what that publishes', async () => {
    const router = createRouter().on(work, ({ waitUntil, publish, params }) => {
      waitUntil(async () => {
        for (let turns = 0; turns < 20; turns += 1) await turn()
        await publish(done, params, '')
      })
    })
    await using t = await testButler({ mount: [router] })
    await t.publish(work, { id: '1' }, '')
    await t.settled()
    expect(t.published(done)).toHaveLength(1)
  })

  it('waits for retries that are due, and not for those that are not', async () => {
    let runs = 0
    const router = createRouter().on(
      work,
      async () => {
        runs += 1
        await turn()
        if (runs < 3) throw new Error('again')
      },
      { retry: { attempts: 3, backoff: () => 1_000 } },
    )
    await using t = await testButler({ mount: [router] })
    await t.publish(work, { id: '1' }, '')
    for (const expected of [1, 2, 3]) {
      await t.settled()
      expect(runs).toBe(expected)
      await t.clock.advance(1_000)
    }
  })

  it.each([
    ['in its handler', false],
    ['in its background work', true],
  ])('does not wait for who sleeps on the clock %s, but for everybody else', async (_, background) => {
    const clock = createVirtualClock()
    const finished: string[] = []
    const nap = async (id: string) => {
      await sleep(clock, 1_000)
      finished.push(id)
    }
    const router = createRouter().on(work, async ({ params, waitUntil }) => {
      if (params.id === 'busy') {
        for (let turns = 0; turns < 50; turns += 1) await turn()
        finished.push('busy')
      } else if (background) waitUntil(() => nap(params.id))
      else await nap(params.id)
    })
    await using t = await testButler({ mount: [router], clock })
    for (const id of ['sleepy', 'busy', 'dozy']) await t.publish(work, { id }, '')
    await t.settled()
    expect(finished).toEqual(['busy'])
    await t.clock.advance(1_000)
    await t.settled()
    expect(finished).toEqual(['busy', 'sleepy', 'dozy'])
  })

  it('is not deceived by somebody else who sleeps on the same clock, nor by a time limit', async () => {
    const clock = createVirtualClock()
    const finished = vi.fn()
    const router = createRouter().on(work, async () => {
      const cancel = clock.schedule(() => {}, 1_000)
      for (let turns = 0; turns < 50; turns += 1) await turn()
      cancel()
      finished()
    })
    await using t = await testButler({ mount: [router], clock })
    void sleep(clock, 60_000)
    await t.publish(work, { id: '1' }, '')
    await t.settled()
    expect(finished).toHaveBeenCalledOnce()
  })

  it('is not deceived by who sleeps in a handler because of a message from another handler', async () => {
    const clock = createVirtualClock()
    const finished = vi.fn()
    const router = createRouter()
      .on(work, async ({ publish, params }) => {
        await publish(done, params, '')
        for (let turns = 0; turns < 50; turns += 1) await turn()
        finished()
      })
      .on(done, () => sleep(clock, 1_000))
    await using t = await testButler({ mount: [router], clock })
    await t.publish(work, { id: '1' }, '')
    await t.settled()
    expect(finished).toHaveBeenCalledOnce()
  })

  it('does not wait for a message the broker holds back', async () => {
    const handled = vi.fn()
    await using t = await testButler({ mount: [createRouter().on(work, handled)] })
    t.broker.delayNext(1_000)
    await t.publish(work, { id: '1' }, '')
    await t.settled()
    expect(handled).not.toHaveBeenCalled()
    await t.clock.advance(1_000)
    await t.settled()
    expect(handled).toHaveBeenCalledOnce()
  })
})
