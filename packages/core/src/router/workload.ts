import { setMaxListeners } from 'node:events'

/** Everything a butler has in work: what a drain waits for and, in the end, gives up on. */
export interface Workload {
  /** One more piece of work. */
  begin(): void
  /** One that was begun is done. */
  end(): void
  /** Counts the work from its beginning until it has settled. */
  track<T>(work: () => Promise<T>): Promise<T>
  /** Counts the work as resting while it waits for time to pass or for its turn. */
  rest<T>(wait: () => Promise<T>): Promise<T>
  readonly size: number
  /** Works that do something: neither done nor resting. */
  readonly active: number
  /** Resolves once nothing is in work. */
  idle(): Promise<void>
  /** Aborts when the butler stops waiting. */
  readonly stopped: AbortSignal
  /** Calls back when the butler stops waiting: much cheaper than a listener on `stopped`. @returns forgets the callback */
  onAbandon(callback: (reason: unknown) => void): () => void
  /** Stops waiting. */
  abandon(reason: unknown): void
}

export function createWorkload(): Workload {
  const abort = new AbortController()
  setMaxListeners(0, abort.signal) // one for each waitUntil and wait in work
  const abandoned = new Set<(reason: unknown) => void>()
  let waiting: (() => void)[] = []
  let size = 0
  let resting = 0

  const workload: Workload = {
    begin() {
      size += 1
    },
    end() {
      size -= 1
      if (size > 0 || waiting.length === 0) return
      for (const resolve of waiting) resolve()
      waiting = []
    },
    async track(work) {
      workload.begin()
      try {
        return await work()
      } finally {
        workload.end()
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
    onAbandon(callback) {
      abandoned.add(callback)
      return () => void abandoned.delete(callback)
    },
    abandon(reason) {
      abort.abort(reason)
      for (const callback of abandoned) callback(reason)
      abandoned.clear()
    },
  }
  return workload
}
