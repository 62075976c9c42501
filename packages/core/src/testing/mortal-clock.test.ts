import { expect, it, vi } from 'vitest'
import { createMortalClock } from './mortal-clock.js'
import { createVirtualClock } from './virtual-clock.js'

it('runs on another clock until it ends, and its timers end with it', async () => {
  const clock = createVirtualClock({ startAt: 0 })
  const life = createMortalClock(clock)
  const fired = vi.fn()
  life.schedule(() => fired('in life'), 1)
  life.schedule(() => fired('cancelled'), 1)()
  life.schedule(() => fired('after death'), 3)
  await clock.advance(2)
  expect(life.now()).toBe(2)
  life.end()
  life.schedule(() => fired('from beyond'), 1)
  expect(clock.pending).toBe(0)
  await clock.advance(10)
  expect(fired.mock.calls).toEqual([['in life']])
})
