/**
 * Lists of values, each known by its last entry's number; 0 is the empty list. An entry's number is its age: later ones have higher numbers, so
 * that sorting numbers gives the order in which values were added.
 */
export class ValueLists<V> {
  /** How many values there are in all lists. */
  size = 0
  private values: (V | undefined)[] = [undefined]
  // A list is a ring: its last entry leads to its first. What is not in use leads to 0.
  private next = new Int32Array(16)
  private found = new Int32Array(16)

  /** Adds a value and returns the list. */
  append(list: number, value: V): number {
    const entry = this.values.push(value) - 1
    if (entry >= this.next.length) this.next = resized(this.next, entry + (entry >> 1))
    if (list === 0) {
      this.next[entry] = entry
    } else {
      this.next[entry] = this.next[list]!
      this.next[list] = entry
    }
    this.size++
    return entry
  }

  /** Takes out the oldest entry with this value and returns the list, or -1 where there is none. */
  remove(list: number, value: V): number {
    if (list === 0) return -1
    const { next, values } = this
    let before = list
    while (values[next[before]!] !== value) {
      before = next[before]!
      if (before === list) return -1
    }
    const entry = next[before]!
    next[before] = next[entry]!
    next[entry] = 0
    values[entry] = undefined
    this.size--
    if (entry !== list) return list
    return before === list ? 0 : before
  }

  /** The values of the first `count` of some lists, oldest first. */
  valuesOf(lists: Int32Array, count: number): V[] {
    const { next, values } = this
    let { found } = this
    let foundCount = 0
    let inOrder = true
    let latest = 0
    for (let i = 0; i < count; i++) {
      const list = lists[i]!
      let entry = list
      do {
        entry = next[entry]!
        if (foundCount === found.length) found = this.found = resized(found, foundCount * 2)
        found[foundCount++] = entry
        if (entry < latest) inOrder = false
        latest = entry
      } while (entry !== list)
    }
    if (!inOrder) sort(found, foundCount)
    // oxlint-disable-next-line unicorn/no-new-array -- room for exactly these; pushing and Array.from are slower, and push takes more room
    const result = new Array<V>(foundCount)
    for (let i = 0; i < foundCount; i++) result[i] = values[found[i]!]!
    return result
  }

  /** Whether numbers run out while most are not in use. Then `renumber` is due before `append`. */
  get sparse(): boolean {
    return this.values.length === this.next.length && this.size * 2 < this.values.length
  }

  /** Closes the gaps and returns the new number of each old one. */
  renumber(): Int32Array {
    const { values, next } = this
    const numbers = new Int32Array(values.length)
    this.values = [undefined]
    for (let entry = 1; entry < values.length; entry++) if (next[entry] !== 0) numbers[entry] = this.values.push(values[entry]) - 1
    this.next = new Int32Array(next.length)
    for (let entry = 1; entry < values.length; entry++) if (next[entry] !== 0) this.next[numbers[entry]!] = numbers[next[entry]!]!
    return numbers
  }
}

function resized(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length)
  copy.set(array)
  return copy
}

/** Sorts the first `count` numbers: a few of them here, as calling the native sort alone costs as much as matching does. */
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
