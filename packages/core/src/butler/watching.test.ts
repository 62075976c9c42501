import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createRouter } from '../router/router.js'
import { testButler } from '../testing/index.js'
import { text } from '../topic/codec.js'
import { topic } from '../topic/topic.js'

const level = topic('tank/+name/level', { payload: z.object({ litres: z.number() }) })
const mode = topic('tank/+name/mode', { codec: text, payload: z.enum(['on', 'off']), retain: true })
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('once', () => {
  it('gives the first message that fits, and stops listening', async () => {
    await using t = await testButler({ mount: [] })
    const seen = t.butler.once(level, { where: ({ payload }) => payload.litres > 10 })
    await turn()
    await t.broker.publish({ topic: 'tank/a/level', payload: text.encode('not json'), qos: 1, retain: false })
    for (const litres of [5, 11]) await t.publish(level, { name: 'a' }, { litres })
    expect(await seen).toEqual({ topic: 'tank/a/level', params: { name: 'a' }, payload: { litres: 11 }, retained: false })
    await t.settled()
    const { received } = t.butler.metrics().counters
    await t.publish(level, { name: 'a' }, { litres: 99 })
    await t.settled()
    expect(t.butler.metrics().counters).toMatchObject({ received, unmatched: 0 })
    expect(t.clock.pending).toBe(0)
  })

  it('leaves the routes their messages', async () => {
    const handled = vi.fn()
    await using t = await testButler({ mount: [createRouter().on(level, ({ payload }) => handled(payload.litres))] })
    const seen = t.butler.once(level)
    await turn()
    await t.publish(level, { name: 'a' }, { litres: 1 })
    await seen
    await t.publish(level, { name: 'a' }, { litres: 2 })
    await t.settled()
    expect(handled.mock.calls).toEqual([[1], [2]])
  })

  it('gives up in time, on its signal, and when the butler stops', async () => {
    const t = await testButler({ mount: [] })
    const late = t.butler.once(level, { timeoutMs: 100 })
    late.catch(() => {})
    await t.clock.advance(100)
    await expect(late).rejects.toMatchObject({ code: 'ONCE_TIMEOUT' })
    const reason = new Error('enough')
    await expect(t.butler.once(level, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const left = t.butler.once(level)
    left.catch(() => {})
    await t.butler.stop()
    await expect(left).rejects.toMatchObject({ code: 'BUTLER_STOPPED' })
  })

  it('fails with what `where` throws', async () => {
    await using t = await testButler({ mount: [] })
    const seen = t.butler.once(level, {
      where: () => {
        throw new Error('where')
      },
    })
    seen.catch(() => {})
    await turn()
    await t.publish(level, { name: 'a' }, { litres: 1 })
    await expect(seen).rejects.toThrow('where')
  })
})

describe('state', () => {
  it('is set, read and cleared, whoever else writes it', async () => {
    await using t = await testButler({ mount: [] })
    const state = t.butler.state(mode, { name: 'a' })
    expect(state.topic).toBe('tank/a/mode')
    expect(await state.get()).toBeUndefined()
    await state.set('on')
    expect(await state.get()).toBe('on')
    await t.broker.publish({ topic: 'tank/a/mode', payload: text.encode('off'), qos: 1, retain: true })
    expect(await state.get()).toBe('off')
    await state.clear()
    expect(await state.get()).toBeUndefined()
    expect(t.broker.retained('tank/a/mode')).toBeUndefined()
  })

  it('is checked both ways', async () => {
    await using t = await testButler({ mount: [] })
    const state = t.butler.state(mode, { name: 'a' })
    await expect(state.set('maybe' as 'on')).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' })
    await t.broker.publish({ topic: 'tank/a/mode', payload: text.encode('maybe'), qos: 1, retain: true })
    await expect(state.get()).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' })
  })

  it('can be read beside a route of the same topic, which hears of each change once', async () => {
    const handled = vi.fn()
    const exact = topic('tank/a/mode', { codec: text, payload: z.enum(['on', 'off']), retain: true })
    await using t = await testButler({ mount: [createRouter().on(exact, ({ payload }) => handled(payload))] })
    await t.butler.state(exact).set('on')
    await t.settled()
    expect(await t.butler.state(exact).get()).toBe('on')
    expect(await t.butler.state(exact).get()).toBe('on')
    await t.settled()
    expect(handled.mock.calls).toEqual([['on']])
  })

  it('is followed from its value now to the last one, until the butler stops', async () => {
    const t = await testButler({ mount: [] })
    const state = t.butler.state(mode, { name: 'a' })
    await state.set('on')
    const seen: unknown[] = []
    const following = (async () => {
      for await (const value of state) seen.push(value)
    })()
    await vi.waitFor(() => expect(seen).toEqual(['on']))
    await state.set('off')
    await vi.waitFor(() => expect(seen).toEqual(['on', 'off']))
    await state.clear()
    await vi.waitFor(() => expect(seen).toEqual(['on', 'off', undefined]))
    await t.butler.stop()
    await following
  })

  it('is told to all who ask and follow at once', async () => {
    await using t = await testButler({ mount: [createRouter().on(topic('tank/a/mode/#rest'), () => {})] })
    const state = t.butler.state(mode, { name: 'a' })
    await state.set('on')
    const followers = [state[Symbol.asyncIterator](), state[Symbol.asyncIterator]()]
    for (const follower of followers) expect(await follower.next()).toMatchObject({ value: 'on' })
    expect(await Promise.all([state.get(), state.get(), state.get()])).toEqual(['on', 'on', 'on'])
    for (const follower of followers) await follower.return?.()
  })

  it('that a loop leaves is no longer subscribed to', async () => {
    await using t = await testButler({ mount: [] })
    const state = t.butler.state(mode, { name: 'a' })
    for await (const value of state) {
      expect(value).toBeUndefined()
      break
    }
    const { received } = t.butler.metrics().counters
    await state.set('on')
    await t.settled()
    expect(t.butler.metrics().counters.received).toBe(received)
  })

  it('needs a retained contract', async () => {
    await using t = await testButler({ mount: [] })
    expect(() => t.butler.state(level, { name: 'a' })).toThrow(expect.objectContaining({ code: 'STATE_UNSUPPORTED' }))
  })
})
