import { describe, expect, it } from 'vitest'
import { sleep } from '../clock.js'
import { createVirtualClock } from './virtual-clock.js'

describe('a virtual clock', () => {
  it('fires what falls due, in order, each at its own time', async () => {
    const clock = createVirtualClock({ startAt: 0 })
    const fired: [string, number][] = []
    const at = (name: string, delayMs: number) => clock.schedule(() => void fired.push([name, clock.now()]), delayMs)
    at('second', 20)
    at('first', 10)
    at('second too', 20)
    at('later', 31)
    at('in the past', -5)
    await clock.advance(30)
    expect(fired).toEqual([
      ['in the past', 0],
      ['first', 10],
      ['second', 20],
      ['second too', 20],
    ])
    expect(clock.now()).toBe(30)
    expect(clock.pending).toBe(1)
  })

  it('fires what timers set off, if it falls due too', async () => {
    const clock = createVirtualClock({ startAt: 0 })
    const woken: number[] = []
    void (async () => {
      for (let naps = 0; naps < 5; naps += 1) {
        await sleep(clock, 10)
        woken.push(clock.now())
      }
    })()
    await clock.advance(30)
    expect(woken).toEqual([10, 20, 30])
    await clock.advance(1_000)
    expect(woken).toEqual([10, 20, 30, 40, 50])
    expect(clock.now()).toBe(1_030)
  })

  it('waits between timers for what they set off, as it is told', async () => {
    const order: string[] = []
    const clock = createVirtualClock({ settle: async () => void order.push('settled') })
    clock.schedule(() => order.push('first'), 1)
    clock.schedule(() => order.push('second'), 2)
    await clock.advance(2)
    expect(order).toEqual(['settled', 'first', 'settled', 'second', 'settled'])
  })

  it('never fires what was cancelled, before or by another timer', async () => {
    const clock = createVirtualClock()
    const fired: string[] = []
    const cancel = clock.schedule(() => fired.push('cancelled by a timer'), 2)
    clock.schedule(() => fired.push('cancelled'), 1)()
    clock.schedule(cancel, 1)
    await clock.advance(10)
    cancel()
    expect(fired).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
