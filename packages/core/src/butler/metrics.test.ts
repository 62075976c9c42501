import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, it, vi } from 'vitest'
import { createRouter } from '../router/router.js'
import { testButler } from '../testing/index.js'
import { text } from '../topic/codec.js'
import { topic } from '../topic/topic.js'

const note = topic('note', { codec: text })

it('counts and times what becomes of messages', async () => {
  const router = createRouter().on(note, async ({ payload }) => {
    if (payload === 'bad') throw new Error('no')
  })
  await using t = await testButler({ mount: [router] })
  for (const payload of ['good', 'bad', 'good']) await t.publish(note, payload)
  await t.settled()
  expect(t.butler.metrics()).toEqual({
    counters: {
      received: 3,
      unmatched: 0,
      handled: 2,
      invalid: 0,
      deduplicated: 0,
      retried: 0,
      failed: 1,
      deadLettered: 0,
      abandoned: 0,
    },
    handlerMs: { count: 2, total: 0, max: 0 },
    inWork: 0,
    active: 0,
  })
})

it('publishes each event on a diagnostics channel', async () => {
  const heard = vi.fn()
  subscribe('butlerkit:handled', heard)
  try {
    await using t = await testButler({ mount: [createRouter().on(note, () => {})] })
    await t.publish(note, 'hello')
    await t.settled()
  } finally {
    unsubscribe('butlerkit:handled', heard)
  }
  const report = { transport: 'memory', topic: 'note', route: 'note', attempt: 1, durationMs: 0 }
  expect(heard).toHaveBeenCalledExactlyOnceWith(report, 'butlerkit:handled')
})
