/** Where the time comes from. Tests hand in a virtual one (`@butlerkit/core/testing`); everything else runs on {@link systemClock}. */
export interface Clock {
  /** Milliseconds since 1970, as `Date.now()`. */
  now(): number
  /**
   * Calls back once, `delayMs` from now.
   *
   * @param awaited - whether work waits for the call, as in {@link sleep}, and is not only limited by it. A virtual clock wants to know
   * @returns cancels the call; does nothing once it has happened
   */
  schedule(callback: () => void, delayMs: number, awaited?: boolean): () => void
}

/** The machine's own time and timers. */
export const systemClock: Clock = {
  now: Date.now,
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

/**
 * Waits on a clock. The timer is cleared when the signal aborts, and the abort listener when the time is over.
 *
 * @throws the signal's reason when it aborts first
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const cancel = clock.schedule(
      () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      },
      delayMs,
      true,
    )
    const abort = () => {
      cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
  })
}
