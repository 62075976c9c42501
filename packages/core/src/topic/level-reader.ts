/**
 * Reads a topic name or topic filter level by level, without cutting it up. A level comes as words of four UTF-8 bytes each, least significant
 * byte first, the last one filled up with zeros: reading, hashing and comparing then take a quarter of the steps they take byte by byte, and
 * two levels are the same if and only if their words are, as no level holds NUL.
 */
export interface LevelReader {
  /** The words of the level last read: the first `length`. Another array after `open`. */
  readonly words: Int32Array
  readonly length: number
  /** Spread over all its bits. Only says where to look, so that an equal hash costs time and nothing else. */
  readonly hash: number
  /** Starts at the first level of a well-formed text without NUL. */
  open(text: string): void
  /** Reads the next level. Returns whether there was one. */
  next(): boolean
}

const slash = 0x2f
const slashes = 0x2f2f_2f2f

/** Another one in every process, so that nobody can prepare levels that meet in one place. */
const seed = Math.trunc(Math.random() * 2 ** 32) | 0

const encoder = new TextEncoder()

export function createLevelReader(): LevelReader {
  let bytes = new Uint8Array(1_024)
  let view = new DataView(bytes.buffer)
  let place = 0
  let end = 0
  const reader = { words: new Int32Array(256), length: 0, hash: 0, open, next }
  return reader

  function open(text: string): void {
    // Three bytes at most for each UTF-16 unit, the separator, and what a word may read past it.
    const needed = text.length * 3 + 4
    if (needed > bytes.length) {
      bytes = new Uint8Array(needed * 2)
      view = new DataView(bytes.buffer)
      reader.words = new Int32Array(needed)
    }
    end = encoder.encodeInto(text, bytes).written
    // The last level ends with a separator like all the others.
    bytes[end] = slash
    place = 0
  }

  function next(): boolean {
    if (place > end) return false
    const { words } = reader
    let hash = seed
    let length = 0
    for (;;) {
      const word = view.getInt32(place, true)
      // The lowest bit set tells the first byte that is a separator: see "Determine if a word has a zero byte" in Bit Twiddling Hacks.
      const gaps = word ^ slashes
      const found = (gaps - 0x0101_0101) & ~gaps & 0x8080_8080
      if (found !== 0) {
        const bits = 24 - Math.clz32(found & -found)
        const rest = word & ((1 << bits) - 1)
        if (bits > 0) {
          words[length++] = rest
          hash = mix(hash, rest)
        }
        place += (bits >> 3) + 1
        reader.length = length
        reader.hash = hash
        return true
      }
      words[length++] = word
      hash = mix(hash, word)
      place += 4
    }
  }
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x85eb_ca6b)
  return mixed ^ (mixed >>> 15)
}
