import type { Clock } from '../clock.js'
import { countWait } from './handler-watch.js'

/** A clock that stands still until it is told to go on. */
export interface VirtualClock extends Clock {
  /**
   * Moves the time on by `ms`, firing every timer that falls due, in order, each with the clock at its own time. After each, waits for what
   * it set off: see {@link VirtualClockOptions.settle}.
   */
  advance(ms: number): Promise<void>
  /** How many timers are waiting. Zero at the end of a test means that nothing was left behind. */
  readonly pending: number
}

/** How a virtual clock begins and when it may go on. */
export interface VirtualClockOptions {
  /** Milliseconds since 1970. @defaultValue 2026-01-01T00:00:00Z */
  readonly startAt?: number
  /** Resolves once what a timer set off has come to rest. @defaultValue one turn of the event loop */
  readonly settle?: () => Promise<unknown>
}

/** Makes a {@link VirtualClock}: minutes of retries and polls pass in milliseconds. */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const { startAt = Date.UTC(2026, 0, 1), settle = eventLoopTurn } = options
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  let now = startAt

  return {
    now: () => now,
    schedule(callback, delayMs, awaited = false) {
      const stopWaiting = awaited ? countWait() : () => {}
      const timer = {
        at: now + Math.max(0, delayMs),
        callback() {
          stopWaiting()
          callback()
        },
      }
      timers.add(timer)
      return () => {
        if (timers.delete(timer)) stopWaiting()
      }
    },
    async advance(ms) {
      const end = now + ms
      await settle()
      for (let timer = earliest(end); timer; timer = earliest(end)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.callback()
        await settle()
      }
      now = end
    },
    get pending() {
      return timers.size
    },
  }

  // Sets keep insertion order, so timers due at one moment fire in the order they were made.
  function earliest(end: number) {
    let first: { readonly at: number; readonly callback: () => void } | undefined
    for (const timer of timers) if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer
    return first
  }
}

const eventLoopTurn = () => new Promise((resolve) => setImmediate(resolve))
