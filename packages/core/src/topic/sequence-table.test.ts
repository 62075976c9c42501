import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SequenceTable, type Sequence } from './sequence-table.js'

function sequence(words: readonly number[], hash = words.reduce((sum, word) => sum + word, 0)): Sequence {
  return { words: Int32Array.from(words), length: words.length, hash }
}

describe('SequenceTable', () => {
  it('tells sequences apart that have one hash', () => {
    const table = new SequenceTable()
    const numbers = [[], [1], [1, 2], [2, 1], [1, 2, 3]].map((words) => table.use(sequence(words, 7)))
    expect(new Set(numbers).size).toBe(5)
    expect(table.find(sequence([2, 1], 7))).toBe(numbers[3])
    expect(table.find(sequence([3], 7))).toBe(0)
  })

  it('does as a map does, whatever is used and released', () => {
    // Few words and fewer hashes, so that sequences meet in the table.
    const words = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })
    const step = fc.record({ words, use: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = new SequenceTable()
        const uses = new Map<string, { number: number; count: number }>()
        for (const { words: each, use } of steps) {
          const key = each.join()
          const known = uses.get(key)
          expect(table.find(sequence(each))).toBe(known?.number ?? 0)
          if (use) {
            uses.set(key, { number: table.use(sequence(each)), count: (known?.count ?? 0) + 1 })
          } else if (known !== undefined) {
            table.release(known.number)
            if (known.count === 1) uses.delete(key)
            else uses.set(key, { ...known, count: known.count - 1 })
          }
        }
        const numbers = [...uses.values()].map(({ number }) => number)
        expect(new Set(numbers).size).toBe(numbers.length)
      }),
    )
  })

  it('gives back the room of what is in use no more', () => {
    const table = new SequenceTable()
    for (let i = 0; i < 100_000; i++) table.release(table.use(sequence([i, i, i])))
    expect(table.words.length).toBeLessThan(100)
  })
})
