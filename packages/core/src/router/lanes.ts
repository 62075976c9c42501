/** Gives the place back. */
export type ReleaseLane = () => void

/** Decides when a message may run: in order within its key, at most so many at once. */
export interface Lanes {
  /** Resolves once it is this message's turn. Without a key only the number counts. */
  enter(key: string | undefined): Promise<ReleaseLane>
}

interface Waiting {
  readonly key: string | undefined
  readonly start: (release: ReleaseLane) => void
}

/** @param concurrency - most places taken at once, 1 or more */
export function createLanes(concurrency: number): Lanes {
  const busyKeys = new Set<string>()
  let queue: Waiting[] = []
  let free = concurrency

  return {
    enter(key) {
      return new Promise((resolve) => {
        const waiting = { key, start: resolve }
        if (!tryStart(waiting)) queue.push(waiting)
      })
    },
  }

  function tryStart({ key, start }: Waiting): boolean {
    if (free === 0 || (key !== undefined && busyKeys.has(key))) return false
    free -= 1
    if (key !== undefined) busyKeys.add(key)
    let released = false
    start(() => {
      if (released) return
      released = true
      free += 1
      if (key !== undefined) busyKeys.delete(key)
      next()
    })
    return true
  }

  // One pass in arrival order: a message behind a busy key does not hold up those of other keys, and none overtakes its own key.
  function next(): void {
    queue = queue.filter((waiting) => !tryStart(waiting))
  }
}
