/** A seeded source of numbers from 0 to below 1, so that every run measures the same work (mulberry32). */
export type Random = () => number

export function createRandom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One of the items, all equally likely. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!
}

/** The items in a random order. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1))
    ;[result[i], result[other]] = [result[other]!, result[i]!]
  }
  return result
}

/** Draws `count` indexes below `items` by Zipf's law with exponent 1: the second comes half as often as the first, the third a third. */
export function zipf(random: Random, items: number, count: number): Uint32Array {
  const cumulative = new Float64Array(items)
  let sum = 0
  for (let i = 0; i < items; i++) cumulative[i] = sum += 1 / (i + 1)
  return Uint32Array.from({ length: count }, () => {
    const target = random() * sum
    let low = 0
    let high = items - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (cumulative[middle]! < target) low = middle + 1
      else high = middle
    }
    return low
  })
}
