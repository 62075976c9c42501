/**
 * Makes a line of jobs that run one after the other, in the order they came. A failed job does not stop the next. A job whose signal
 * aborts while it waits is never begun, and its caller is told at once.
 */
export function createLine() {
  let tail: Promise<unknown> = Promise.resolve()
  let length = 0

  return {
    /** How many jobs wait or run. */
    get length() {
      return length
    },
    inTurn<T>(job: () => Promise<T>, signal?: AbortSignal): Promise<T> {
      length += 1
      const turn = tail.then(() => {
        signal?.throwIfAborted()
        return job()
      })
      tail = turn.catch(() => {}).finally(() => (length -= 1))
      return signal ? orAbort(turn, signal) : turn
    },
  }
}

function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
