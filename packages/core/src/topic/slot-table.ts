/**
 * An index of numbered records by hash: open addressing with linear probing, a power of two of slots, at most two thirds of them taken. A slot
 * holds a record's number, 0 where it is empty. Looking up is left to the owner, who alone can tell whether a record is the one sought:
 *
 *     for (let slot = hash & mask; (number = slots[slot]) !== 0; slot = (slot + 1) & mask) if (isSought(number)) …
 */
export class SlotTable {
  /** Another array after `insert`. */
  slots = new Int32Array(16)
  private taken = 0

  constructor(private readonly hashOf: (number: number) => number) {}

  insert(number: number): void {
    if (++this.taken * 3 > this.slots.length * 2) {
      const before = this.slots
      this.slots = new Int32Array(before.length * 2)
      for (const moved of before) if (moved !== 0) this.place(moved)
    }
    this.place(number)
  }

  /** Takes out a number that is in. Must be called before its hash changes. */
  remove(number: number): void {
    this.taken--
    const { slots, hashOf } = this
    const mask = slots.length - 1
    let hole = hashOf(number) & mask
    while (slots[hole] !== number) hole = (hole + 1) & mask
    // What was pushed past the hole moves back into it, so that no search ends too soon and no tombstone is left.
    for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = hashOf(slots[slot]!) & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      slots[hole] = slots[slot]!
      hole = slot
    }
    slots[hole] = 0
  }

  private place(number: number): void {
    const { slots } = this
    const mask = slots.length - 1
    let slot = this.hashOf(number) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = number
  }
}
