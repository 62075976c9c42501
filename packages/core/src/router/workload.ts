import { setMaxListeners } from 'node:events'

/** Everything a butler has in work: what a drain waits for and, in the end, gives up on. */
export interface Workload {
  /** Counts the work until it has settled. */
  track<T>(work: () => Promise<T>): Promise<T>
  readonly size: number
  /** Counts the work as resting while it waits for time to pass or for its turn. */
  rest<T>(wait: () => Promise<T>): Promise<T>
  /** Works that do something: neither done nor resting. */
  readonly active: number
  /** Resolves once nothing is in work. */
  idle(): Promise<void>
  /** Aborts when the butler stops waiting. */
  readonly stopped: AbortSignal
  /** Stops waiting: aborts `stopped`. */
  abandon(reason: unknown): void
}

export function createWorkload(): Workload {
  const abort = new AbortController()
  setMaxListeners(0, abort.signal) // one for each handler in work
  let waiting: (() => void)[] = []
  let size = 0
  let resting = 0

  return {
    async track(work) {
      size += 1
      try {
        return await work()
      } finally {
        size -= 1
        if (size === 0) {
          for (const resolve of waiting) resolve()
          waiting = []
        }
      }
    },
    async rest(wait) {
      resting += 1
      try {
        return await wait()
      } finally {
        resting -= 1
      }
    },
    get size() {
      return size
    },
    get active() {
      return size - resting
    },
    idle: () => (size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    stopped: abort.signal,
    abandon: (reason) => abort.abort(reason),
  }
}
