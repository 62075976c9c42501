import type { LevelReader } from './level-reader.js'
import { createRecordPool } from './record-pool.js'
import { createSlotTable } from './slot-table.js'

/**
 * Gives every distinct level of the filters in use a number, so that the tree compares numbers. A level goes when its last use does, and its
 * number is given again.
 */
export interface LevelTable {
  /** The number of the level last read, or 0 where no filter has it. */
  find(level: LevelReader): number
  /** As `find`, but numbers a new level, and counts one use. */
  use(level: LevelReader): number
  /** Takes back one use. */
  release(number: number): void
}

// The fields of a level's record.
const hashField = 0
const startField = 1
const lengthField = 2
const usesField = 3
const size = 4

export function createLevelTable(): LevelTable {
  const pool = createRecordPool(size)
  const index = createSlotTable((number) => pool.records[number * size + hashField]!)
  let words = new Int32Array(32)
  let wordsEnd = 0
  let wordsInUse = 0

  function find(level: LevelReader): number {
    const { hash, length } = level
    const { slots } = index
    const { records } = pool
    const mask = slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]!
      if (number === 0) return 0
      const at = number * size
      if (records[at + hashField] === hash && records[at + lengthField] === length && holds(records[at + startField]!, level)) return number
    }
  }

  function holds(start: number, level: LevelReader): boolean {
    const sought = level.words
    for (let i = 0; i < level.length; i++) if (words[start + i] !== sought[i]) return false
    return true
  }

  function insert(level: LevelReader): number {
    const number = pool.take()
    if (wordsEnd + level.length > words.length) repack(level.length)
    const at = number * size
    pool.records[at + hashField] = level.hash
    pool.records[at + startField] = wordsEnd
    pool.records[at + lengthField] = level.length
    words.set(level.words.subarray(0, level.length), wordsEnd)
    wordsEnd += level.length
    wordsInUse += level.length
    index.insert(number)
    return number
  }

  /** Leaves behind the words that no level uses any more, and makes room for as many again. */
  function repack(needed: number): void {
    const { records } = pool
    const packed = new Int32Array(2 * (wordsInUse + needed))
    wordsEnd = 0
    for (let at = 0; at < records.length; at += size) {
      if (records[at + usesField] === 0) continue
      const start = records[at + startField]!
      const length = records[at + lengthField]!
      packed.set(words.subarray(start, start + length), wordsEnd)
      records[at + startField] = wordsEnd
      wordsEnd += length
    }
    words = packed
  }

  return {
    find,
    use(level) {
      const number = find(level) || insert(level)
      pool.records[number * size + usesField]!++
      return number
    },
    release(number) {
      const at = number * size
      if (--pool.records[at + usesField]! > 0) return
      index.remove(number)
      wordsInUse -= pool.records[at + lengthField]!
      pool.give(number)
    },
  }
}
