import type { Clock } from '../clock.js'

/** A clock for one life of a process: at its end, its timers end with it. */
export interface MortalClock extends Clock {
  /** Cancels every timer, and makes no more. */
  end(): void
}

export function createMortalClock(clock: Clock): MortalClock {
  const cancels = new Set<() => void>()
  let ended = false

  return {
    now: () => clock.now(),
    schedule(callback, delayMs, awaited) {
      if (ended) return () => {}
      const cancelTimer = clock.schedule(
        () => {
          cancels.delete(cancel)
          callback()
        },
        delayMs,
        awaited,
      )
      cancels.add(cancel)
      return cancel

      function cancel(): void {
        cancels.delete(cancel)
        cancelTimer()
      }
    },
    end() {
      ended = true
      for (const cancel of cancels) cancel()
    },
  }
}
