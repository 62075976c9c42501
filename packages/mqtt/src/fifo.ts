/** A first-in-first-out queue from whose middle one can take: every step costs the same, however long it is. */
export interface Fifo<T> {
  readonly size: number
  push(item: T): void
  /** The oldest, which stays. */
  peek(): T | undefined
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
  let iterator = items.values()
  let oldest: T | undefined

  function peek(): T | undefined {
    if (oldest !== undefined && items.has(oldest)) return oldest
    if (items.size === 0) return undefined
    let next = iterator.next()
    if (next.done) {
      iterator = items.values()
      next = iterator.next()
    }
    oldest = next.value
    return oldest
  }

  return {
    get size() {
      return items.size
    },
    push(item) {
      items.add(item)
    },
    peek,
    shift() {
      const first = peek()
      if (first !== undefined) items.delete(first)
      return first
    },
    remove: (item) => items.delete(item),
    drain() {
      const all = [...items]
      items.clear()
      // The old one would hold on to all of them.
      iterator = items.values()
      oldest = undefined
      return all
    },
  }
}
