/**
 * Lists of values, each known by its last entry's number; 0 is the empty list. An entry's number is its age: later ones have higher numbers, so
 * that sorting numbers gives the order in which values were added.
 */
export interface ValueLists<V> {
  /** How many values there are in all lists. */
  readonly size: number
  /** Adds a value and returns the list. */
  append(list: number, value: V): number
  /** Takes out the oldest entry with this value and returns the list, or -1 where there is none. */
  remove(list: number, value: V): number
  /** Adds a list to what `take` returns. */
  collect(list: number): void
  /** The values of all lists collected since the last call, oldest first. */
  take(): V[]
  /** Whether numbers run out while many are unused. Then `renumber` is due before `append`. */
  readonly sparse: boolean
  /** Closes the gaps and returns the new number of each old one. */
  renumber(): Int32Array
}

export function createValueLists<V>(): ValueLists<V> {
  let values: (V | undefined)[] = [undefined]
  // The list is a ring: the last entry leads to the first. A gap leads to 0.
  let next = new Int32Array(16)
  let size = 0
  let found = new Int32Array(16)
  let foundCount = 0
  let inOrder = true

  return {
    get size() {
      return size
    },
    append(list, value) {
      const entry = values.push(value) - 1
      if (entry >= next.length) next = copyOf(next, entry + (entry >> 1))
      if (list === 0) {
        next[entry] = entry
      } else {
        next[entry] = next[list]!
        next[list] = entry
      }
      size++
      return entry
    },
    remove(list, value) {
      if (list === 0) return -1
      let before = list
      while (values[next[before]!] !== value) {
        before = next[before]!
        if (before === list) return -1
      }
      const entry = next[before]!
      next[before] = next[entry]!
      next[entry] = 0
      values[entry] = undefined
      size--
      if (entry !== list) return list
      return before === list ? 0 : before
    },
    collect(list) {
      let entry = list
      do {
        entry = next[entry]!
        if (foundCount === found.length) found = copyOf(found, foundCount * 2)
        if (foundCount > 0 && found[foundCount - 1]! > entry) inOrder = false
        found[foundCount++] = entry
      } while (entry !== list)
    },
    take() {
      if (!inOrder) sort(found, foundCount)
      // oxlint-disable-next-line unicorn/no-new-array -- room for exactly these, which pushing or Array.from would not make as fast
      const result = new Array<V>(foundCount)
      for (let i = 0; i < foundCount; i++) result[i] = values[found[i]!]!
      foundCount = 0
      inOrder = true
      return result
    },
    get sparse() {
      return values.length === next.length && size * 2 < values.length
    },
    renumber() {
      const numbers = new Int32Array(values.length)
      const kept: (V | undefined)[] = [undefined]
      for (let entry = 1; entry < values.length; entry++) if (next[entry] !== 0) numbers[entry] = kept.push(values[entry]) - 1
      const links = new Int32Array(next.length)
      for (let entry = 1; entry < values.length; entry++) if (next[entry] !== 0) links[numbers[entry]!] = numbers[next[entry]!]!
      values = kept
      next = links
      return numbers
    },
  }
}

function copyOf(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length)
  copy.set(array)
  return copy
}

/** Sorts the first `count` numbers: a handful in place, as calling the native sort costs as much as matching does. */
function sort(numbers: Int32Array, count: number): void {
  if (count > 24) {
    numbers.subarray(0, count).sort()
    return
  }
  for (let i = 1; i < count; i++) {
    const number = numbers[i]!
    let place = i
    for (; place > 0 && numbers[place - 1]! > number; place--) numbers[place] = numbers[place - 1]!
    numbers[place] = number
  }
}
