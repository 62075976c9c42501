import type { VirtualClock } from '@butlerkit/core/testing'

/** Lets the time run until the promise settles, for an hour at most. */
export async function settleOn<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  const settled = promise.then(
    () => true,
    () => true,
  )
  for (let seconds = 0; seconds < 3_600; seconds++) {
    if (await Promise.race([settled, Promise.resolve(false)])) break
    await clock.advance(1_000)
  }
  return promise
}
