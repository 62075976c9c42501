import { joinSignals, type JoinedSignal } from '../signals.js'

/** Work that goes on while somebody waits for it, once for all who do. */
export interface SharedWork {
  /** Counts somebody in, so that the work goes on between two of their waits. The function it returns counts them out again. */
  enter(): () => void
  /**
   * Resolves on the next {@link SharedWork.announce}.
   *
   * @throws what the work throws, or the signal's reason
   */
  changed(signal?: AbortSignal): Promise<void>
  /** Wakes all who wait. */
  announce(): void
}

interface Waiter {
  wake(): void
  fail(error: unknown): void
}

/**
 * Shares one piece of work. It begins with the first wait and is aborted when the last one is counted out. Where it fails, all who wait at
 * that moment are told, and the next wait begins it anew: so its failure is never unhandled, and never sticks.
 *
 * @param work - announces what it finds, and ends when there is nothing more to find
 * @param closed - aborts the work for good
 */
export function shareWork(work: (signal: AbortSignal) => Promise<void>, closed: AbortSignal): SharedWork {
  const waiters = new Set<Waiter>()
  let entered = 0
  let life: JoinedSignal | undefined

  return {
    enter() {
      entered++
      return () => {
        if (--entered > 0) return
        life?.abort(new Error('nobody waits for this any more'))
        life = undefined
      }
    },
    changed(signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const leave = () => {
          waiters.delete(waiter)
          signal?.removeEventListener('abort', abort)
        }
        const waiter: Waiter = {
          wake() {
            leave()
            resolve()
          },
          fail(error) {
            leave()
            reject(error)
          },
        }
        const abort = () => waiter.fail(signal?.reason)
        signal?.addEventListener('abort', abort, { once: true })
        waiters.add(waiter)
        if (life === undefined) void begin()
      })
    },
    announce,
  }

  function announce(): void {
    for (const waiter of waiters) waiter.wake()
  }

  async function begin(): Promise<void> {
    const mine = joinSignals(closed)
    life = mine
    try {
      await work(mine.signal)
    } catch (error) {
      // Once aborted, the work is nobody's: those who wait now wait for its successor.
      if (life === mine) for (const waiter of waiters) waiter.fail(error)
    } finally {
      mine.release()
      if (life === mine) life = undefined
    }
  }
}
