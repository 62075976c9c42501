import { setMaxListeners } from 'node:events'

/** A signal that follows others until it is let go. */
export interface JoinedSignal {
  readonly signal: AbortSignal
  /** Aborts by hand. */
  abort(reason: unknown): void
  /** Takes the listeners off the others. */
  release(): void
}

/**
 * Joins signals for the length of one task. `AbortSignal.any` would do, but on Node 20 a signal that lives as long as the process keeps a
 * reference to every signal ever joined to it.
 *
 * @see https://github.com/nodejs/node/issues/54614
 */
export function joinSignals(...sources: readonly (AbortSignal | undefined)[]): JoinedSignal {
  const controller = new AbortController()
  const undo: (() => void)[] = []
  for (const source of sources) {
    if (source === undefined) continue
    if (source.aborted) controller.abort(source.reason)
    // One signal may rightly end any number of requests at once; Node 20 warns of a leak from eleven on. None of ours stays.
    setMaxListeners(0, source)
    const abort = () => controller.abort(source.reason)
    source.addEventListener('abort', abort, { once: true })
    undo.push(() => source.removeEventListener('abort', abort))
  }
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => undo.forEach((each) => each()),
  }
}

/** Waits for something that goes on by itself, until the signal aborts. */
export async function raceSignal<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  const life = joinSignals(signal)
  try {
    return await new Promise<T>((resolve, reject) => {
      if (life.signal.aborted) return reject(life.signal.reason)
      life.signal.addEventListener('abort', () => reject(life.signal.reason), { once: true })
      promise.then(resolve, reject)
    })
  } finally {
    life.release()
  }
}
