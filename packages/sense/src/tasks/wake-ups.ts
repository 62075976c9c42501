import { sleep, type Clock } from '@butlerkit/core'
import { joinSignals } from '../signals.js'

/**
 * Ends pauses between polls early, when something says that there may be news. A hint only: it may come late, often, or never, and nothing
 * but the next look at QRS counts.
 */
export interface WakeUps {
  /** How often {@link WakeUps.wake} was called. */
  readonly count: number
  /** Ends all pauses. */
  wake(): void
  /**
   * Waits `delayMs`, or until there is a wake-up that was not among the first `seen`, but at least a quarter of a second: one run's end comes
   * as a burst of changes.
   *
   * @throws the signal's reason
   */
  pause(clock: Clock, delayMs: number, seen: number, signal: AbortSignal): Promise<void>
}

const shortestPauseMs = 250
const woken = Symbol('woken')

/** Makes {@link WakeUps} for one client. */
export function createWakeUps(): WakeUps {
  const sleepers = new Set<() => void>()
  let count = 0
  return {
    get count() {
      return count
    },
    wake() {
      count++
      for (const wakeUp of sleepers) wakeUp()
    },
    async pause(clock, delayMs, seen, signal) {
      const shortestMs = Math.min(delayMs, shortestPauseMs)
      const life = joinSignals(signal)
      const since = clock.now()
      let early: (() => void) | undefined
      const wakeUp = () => {
        const restMs = since + shortestMs - clock.now()
        if (restMs <= 0) life.abort(woken)
        else early ??= clock.schedule(() => life.abort(woken), restMs)
      }
      sleepers.add(wakeUp)
      try {
        if (count !== seen) wakeUp()
        await sleep(clock, delayMs, life.signal)
      } catch (error) {
        if (error !== woken) throw error
      } finally {
        early?.()
        sleepers.delete(wakeUp)
        life.release()
      }
    },
  }
}
