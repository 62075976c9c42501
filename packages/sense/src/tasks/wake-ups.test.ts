import { createVirtualClock } from '@butlerkit/core/testing'
import { describe, expect, it } from 'vitest'
import { createWakeUps } from './wake-ups.js'

const { signal } = new AbortController()

describe('a pause', () => {
  it('lasts as long as it was asked to', async () => {
    const { clock, begin } = bench()
    const over = begin()
    await clock.advance(4_999)
    expect(over()).toBe(false)
    await clock.advance(1)
    expect(over()).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('ends early with a wake-up, and a burst ends it once', async () => {
    const { clock, wakeUps, begin } = bench()
    const over = begin()
    await clock.advance(1_000)
    for (let each = 0; each < 5; each++) wakeUps.wake()
    await clock.advance(0)
    expect(over()).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('lasts a quarter of a second at least', async () => {
    const { clock, wakeUps, begin } = bench()
    const over = begin()
    wakeUps.wake()
    await clock.advance(249)
    expect(over()).toBe(false)
    await clock.advance(1)
    expect(over()).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('is short where the wake-up came during the look before it', async () => {
    const { clock, wakeUps, begin } = bench()
    const seen = wakeUps.count
    wakeUps.wake()
    const over = begin(seen)
    await clock.advance(250)
    expect(over()).toBe(true)
  })

  it('ends with the reason of its signal', async () => {
    const { clock, wakeUps } = bench()
    const caller = new AbortController()
    const pause = wakeUps.pause(clock, 5_000, 0, caller.signal)
    caller.abort('mine')
    await expect(pause).rejects.toBe('mine')
    expect(clock.pending).toBe(0)
  })
})

function bench() {
  const clock = createVirtualClock()
  const wakeUps = createWakeUps()
  return {
    clock,
    wakeUps,
    begin(seen = wakeUps.count): () => boolean {
      let over = false
      void wakeUps.pause(clock, 5_000, seen, signal).then(() => (over = true))
      return () => over
    },
  }
}
