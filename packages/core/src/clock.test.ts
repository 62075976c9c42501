import { describe, expect, it } from 'vitest'
import { sleep, systemClock } from './clock.js'
import { createVirtualClock } from './testing/virtual-clock.js'

describe('sleep', () => {
  it('waits on the clock', async () => {
    const clock = createVirtualClock()
    let over = false
    const sleeping = sleep(clock, 1_000).then(() => (over = true))
    await clock.advance(999)
    expect(over).toBe(false)
    await clock.advance(1)
    await sleeping
    expect(clock.pending).toBe(0)
  })

  it('ends with the reason of its signal and leaves no timer', async () => {
    const clock = createVirtualClock()
    const abort = new AbortController()
    const reason = new Error('enough')
    const sleeping = sleep(clock, 1_000, abort.signal)
    abort.abort(reason)
    await expect(sleeping).rejects.toBe(reason)
    await expect(sleep(clock, 1_000, abort.signal)).rejects.toBe(reason)
    expect(clock.pending).toBe(0)
  })

  it('works on the machine’s time', async () => {
    await expect(sleep(systemClock, 1)).resolves.toBeUndefined()
  })
})

describe('the virtual clock', () => {
  it('fires timers in the order they fall due, each at its own time', async () => {
    const clock = createVirtualClock({ startAt: 0 })
    const fired: string[] = []
    clock.schedule(() => fired.push(`b ${clock.now()}`), 20)
    clock.schedule(() => fired.push(`a ${clock.now()}`), 10)
    clock.schedule(() => fired.push(`c ${clock.now()}`), 20)
    clock.schedule(() => fired.push('never'), 5)()
    await clock.advance(25)
    expect(fired).toEqual(['a 10', 'b 20', 'c 20'])
    expect(clock.now()).toBe(25)
  })

  it('fires what timers set off, within the time it is moved on by', async () => {
    const clock = createVirtualClock({ startAt: 0 })
    const fired: number[] = []
    const again = () => {
      fired.push(clock.now())
      clock.schedule(again, 10)
    }
    clock.schedule(again, 10)
    await clock.advance(35)
    expect(fired).toEqual([10, 20, 30])
  })
})
