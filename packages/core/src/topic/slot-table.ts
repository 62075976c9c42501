import type { RecordPool } from './record-pool.js'

/** The field of an indexed record that holds its hash. */
export const hashField = 0

/**
 * Finds records by their hash: open addressing with linear probing, a power of two of slots, at most half of them taken. A slot holds a
 * record's number, 0 where it is empty. Looking up is left to the owner, who alone can tell whether a record is the one sought:
 *
 *     for (let slot = hash & mask; (number = slots[slot]) !== 0; slot = (slot + 1) & mask) if (isSought(number)) …
 */
export class SlotTable {
  /** Another array after `insert`. */
  slots = new Int32Array(16)
  private taken = 0

  constructor(private readonly pool: RecordPool) {}

  /** Puts in a record whose hash is set. */
  insert(number: number): void {
    if (++this.taken * 2 > this.slots.length) {
      const before = this.slots
      this.slots = new Int32Array(before.length * 2)
      for (const moved of before) if (moved !== 0) this.place(moved)
    }
    this.place(number)
  }

  /** Takes out a record that is in, its hash still set. */
  remove(number: number): void {
    this.taken--
    const { slots } = this
    const mask = slots.length - 1
    let hole = this.homeOf(number)
    while (slots[hole] !== number) hole = (hole + 1) & mask
    // What was pushed past the hole moves back into it, so that no search ends too soon and no tombstone is left.
    for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.homeOf(slots[slot]!)
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      slots[hole] = slots[slot]!
      hole = slot
    }
    slots[hole] = 0
  }

  private place(number: number): void {
    const { slots } = this
    const mask = slots.length - 1
    let slot = this.homeOf(number)
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = number
  }

  /** The slot where the search for a record starts. */
  private homeOf(number: number): number {
    const { records, size } = this.pool
    return records[number * size + hashField]! & (this.slots.length - 1)
  }
}
