import { RecordPool } from './record-pool.js'
import { hashField, SlotTable } from './slot-table.js'

/** Integers in a row: the first `length` of `words`. */
export interface Sequence {
  readonly words: Int32Array
  readonly length: number
  /** The same for the same sequence, and spread over all its bits. Only says where to look: sequences are compared whole. */
  readonly hash: number
}

// The other fields of a sequence's record.
const startField = 1
const lengthField = 2
const usesField = 3
const size = 4

/** Gives every distinct sequence a number from 1 on, so that sequences can be compared by number. */
export class SequenceTable {
  /** The words of all sequences. Another array after `use`, and other places in it. */
  words = new Int32Array(32)
  private wordsEnd = 0
  private wordsInUse = 0
  private readonly pool = new RecordPool(size)
  private readonly index = new SlotTable(this.pool)

  /** The number of a sequence, or 0 where it has none. */
  find(sequence: Sequence): number {
    const { hash, length } = sequence
    const { slots } = this.index
    const { records } = this.pool
    const mask = slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]!
      if (number === 0) return 0
      const at = number * size
      if (records[at + hashField] !== hash || records[at + lengthField] !== length) continue
      if (this.holds(records[at + startField]!, sequence)) return number
    }
  }

  /** Numbers a sequence where it is new, and counts one use. `found` is what `find` told, where that is known. */
  use(sequence: Sequence, found = this.find(sequence)): number {
    const number = found || this.insert(sequence)
    this.pool.records[number * size + usesField]!++
    return number
  }

  /** Takes back one use. With its last use a sequence goes, and its number is given again. */
  release(number: number): void {
    const { records } = this.pool
    const at = number * size
    if (--records[at + usesField]! > 0) return
    this.index.remove(number)
    this.wordsInUse -= records[at + lengthField]!
    this.pool.give(number)
  }

  /** Where the sequence starts in `words`. */
  startOf(number: number): number {
    return this.pool.records[number * size + startField]!
  }

  lengthOf(number: number): number {
    return this.pool.records[number * size + lengthField]!
  }

  private holds(start: number, sequence: Sequence): boolean {
    const { words } = this
    const sought = sequence.words
    for (let i = 0; i < sequence.length; i++) if (words[start + i] !== sought[i]) return false
    return true
  }

  private insert(sequence: Sequence): number {
    const number = this.pool.take()
    const { hash, length } = sequence
    if (this.wordsEnd + length > this.words.length) this.repack(length)
    const { records } = this.pool
    records[number * size + hashField] = hash
    records[number * size + startField] = this.wordsEnd
    records[number * size + lengthField] = length
    for (let i = 0; i < length; i++) this.words[this.wordsEnd++] = sequence.words[i]!
    this.wordsInUse += length
    this.index.insert(number)
    return number
  }

  /** Leaves behind the words that are in use no more, and makes room for as many again. */
  private repack(needed: number): void {
    const { records } = this.pool
    const packed = new Int32Array(2 * (this.wordsInUse + needed))
    let end = 0
    for (let at = 0; at < records.length; at += size) {
      if (records[at + usesField] === 0) continue
      const start = records[at + startField]!
      packed.set(this.words.subarray(start, start + records[at + lengthField]!), end)
      records[at + startField] = end
      end += records[at + lengthField]!
    }
    this.words = packed
    this.wordsEnd = end
  }
}
