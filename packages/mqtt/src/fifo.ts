/** A first-in-first-out queue from whose middle one can take: every step costs the same, however long it is. */
export interface Fifo<T> {
  readonly size: number
  push(item: T): void
  /** Takes the oldest. */
  shift(): T | undefined
  /** @returns whether it was there */
  remove(item: T): boolean
  /** Takes all, oldest first. */
  drain(): T[]
}

export function createFifo<T extends object>(): Fifo<T> {
  const items = new Set<T>()
  // One iterator for as long as there are items: a new one would have to step over everything taken before.
  let oldest = items.values()
  return {
    get size() {
      return items.size
    },
    push(item) {
      items.add(item)
    },
    shift() {
      if (items.size === 0) return undefined
      let next = oldest.next()
      if (next.done) {
        oldest = items.values()
        next = oldest.next()
      }
      if (!next.done) items.delete(next.value)
      return next.value
    },
    remove: (item) => items.delete(item),
    drain() {
      const all = [...items]
      items.clear()
      return all
    },
  }
}
