import { createRecordPool } from './record-pool.js'
import { createSlotTable } from './slot-table.js'

/**
 * Gives every distinct level of the filters in use a number, so that the tree compares numbers and no level is ever cut out of a topic name.
 * A level goes when its last use does, and its number is given again.
 */
export interface LevelTable {
  /** The number of the level that `text` holds from `start` to `end`, or 0 where no filter has it. */
  find(text: string, start: number, end: number, hash: number): number
  /** As `find`, but numbers a new level, and counts one use. */
  use(text: string, start: number, end: number, hash: number): number
  /** Takes back one use. */
  release(level: number): void
}

// The fields of a level's record.
const hashField = 0
const startField = 1
const lengthField = 2
const usesField = 3
const size = 4

/** From this length on V8's own hash of a string is faster than ours, although the level must be cut out for it. */
export const longLength = 64

/** Another one in every process, so that nobody can prepare levels that meet in one slot. */
export const seed = Math.trunc(Math.random() * 2 ** 32)

export function createLevelTable(): LevelTable {
  const pool = createRecordPool(size)
  const index = createSlotTable((level) => pool.records[level * size + hashField]!)
  let texts = new Uint16Array(64)
  let textsEnd = 0
  let textsInUse = 0
  const longLevels = new Map<string, number>()
  const longTexts = new Map<number, string>()

  function find(text: string, start: number, end: number, hash: number): number {
    if (end - start >= longLength) return longLevels.get(text.slice(start, end)) ?? 0
    const { slots } = index
    const { records } = pool
    const mask = slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const level = slots[slot]!
      if (level === 0) return 0
      const at = level * size
      // A hash only says where to look. What is found there is compared, so that levels of one hash cost time and nothing else.
      if (records[at + hashField] !== hash || records[at + lengthField] !== end - start) continue
      if (holds(records[at + startField]!, text, start, end)) return level
    }
  }

  function holds(offset: number, text: string, start: number, end: number): boolean {
    for (let i = start; i < end; i++) if (texts[offset + i - start] !== text.charCodeAt(i)) return false
    return true
  }

  function insert(text: string, start: number, end: number, hash: number): number {
    const level = pool.take()
    const at = level * size
    pool.records[at + lengthField] = end - start
    if (end - start >= longLength) {
      const long = text.slice(start, end)
      longLevels.set(long, level)
      longTexts.set(level, long)
    } else {
      const offset = store(text, start, end)
      pool.records[at + hashField] = hash
      pool.records[at + startField] = offset
      index.insert(level)
    }
    return level
  }

  function store(text: string, start: number, end: number): number {
    if (textsEnd + end - start > texts.length) repack(end - start)
    const offset = textsEnd
    for (let i = start; i < end; i++) texts[textsEnd++] = text.charCodeAt(i)
    textsInUse += end - start
    return offset
  }

  /** Leaves behind what no level uses any more, and makes room for as much again. */
  function repack(needed: number): void {
    const before = texts
    texts = new Uint16Array(2 * (textsInUse + needed))
    textsEnd = 0
    const { records } = pool
    for (let at = size; at < records.length; at += size) {
      if (records[at + usesField] === 0 || records[at + lengthField]! >= longLength) continue
      const offset = records[at + startField]!
      const end = offset + records[at + lengthField]!
      records[at + startField] = textsEnd
      for (let i = offset; i < end; i++) texts[textsEnd++] = before[i]!
    }
  }

  return {
    find,
    use(text, start, end, hash) {
      const level = find(text, start, end, hash) || insert(text, start, end, hash)
      pool.records[level * size + usesField]!++
      return level
    },
    release(level) {
      const { records } = pool
      const at = level * size
      if (--records[at + usesField]! > 0) return
      if (records[at + lengthField]! >= longLength) {
        longLevels.delete(longTexts.get(level)!)
        longTexts.delete(level)
      } else {
        index.remove(level)
        textsInUse -= records[at + lengthField]!
      }
      pool.give(level)
    },
  }
}

/** FNV-1a over UTF-16 units. */
export function hashUnit(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x0100_0193)
}
