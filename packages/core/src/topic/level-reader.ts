import type { Sequence } from './sequence-table.js'

const slash = 0x2f
const slashes = 0x2f2f_2f2f

/** Another one in every process, so that nobody can prepare levels that meet in one place. */
const seed = Math.trunc(Math.random() * 2 ** 32) | 0

const encoder = new TextEncoder()

/**
 * Reads a topic name or topic filter level by level, without cutting it up. A level comes as words of four UTF-8 bytes each, least significant
 * byte first, the last one filled up with zeros: reading, hashing and comparing then take a quarter of the steps they take byte by byte, and
 * two levels are the same if and only if their words are, as no level holds NUL.
 */
export class LevelReader implements Sequence {
  /** The words of the level last read: the first `length`. Another array after `open`. */
  words = new Int32Array(128)
  length = 0
  hash = 0
  private bytes = new Uint8Array(512)
  private view = new DataView(this.bytes.buffer)
  private place = 0
  private end = 0

  /** Starts at the first level of a well-formed text without NUL. */
  open(text: string): void {
    // Three bytes at most for each UTF-16 unit, the separator, and what a word may read past it.
    const needed = text.length * 3 + 4
    if (needed > this.bytes.length) {
      this.bytes = new Uint8Array(needed * 2)
      this.view = new DataView(this.bytes.buffer)
      this.words = new Int32Array(needed)
    }
    this.end = encoder.encodeInto(text, this.bytes).written
    // The last level ends with a separator like all the others.
    this.bytes[this.end] = slash
    this.place = 0
  }

  /** Reads the next level. Returns whether there was one. */
  next(): boolean {
    let { place } = this
    if (place > this.end) return false
    const { view, words } = this
    let hash = seed
    let length = 0
    for (;;) {
      const word = view.getInt32(place, true)
      // The lowest bit set is in the first byte that is a separator: "Determine if a word has a zero byte", Bit Twiddling Hacks.
      const gaps = word ^ slashes
      const found = (gaps - 0x0101_0101) & ~gaps & 0x8080_8080
      if (found === 0) {
        words[length++] = word
        hash = mix(hash, word)
        place += 4
        continue
      }
      const bits = 24 - Math.clz32(found & -found)
      if (bits > 0) {
        const rest = word & ((1 << bits) - 1)
        words[length++] = rest
        hash = mix(hash, rest)
      }
      this.place = place + (bits >> 3) + 1
      this.length = length
      this.hash = hash
      return true
    }
  }
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x85eb_ca6b)
  return mixed ^ (mixed >>> 15)
}
