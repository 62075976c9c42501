import type { Clock } from '@butlerkit/core'

/** A clock on which every wait is over at once and noted, and no timeout ever comes. */
export interface ImpatientClock extends Clock {
  /** The waits so far, in milliseconds. */
  readonly waits: readonly number[]
}

/** Makes an {@link ImpatientClock}. @param timeoutMs - what is this long or longer is a timeout */
export function createImpatientClock(timeoutMs = 30_000): ImpatientClock {
  const waits: number[] = []
  return {
    waits,
    now: () => Date.UTC(2026, 0, 1),
    schedule(callback, delayMs) {
      if (delayMs >= timeoutMs) return () => {}
      waits.push(delayMs)
      const immediate = setImmediate(callback)
      return () => clearImmediate(immediate)
    },
  }
}
