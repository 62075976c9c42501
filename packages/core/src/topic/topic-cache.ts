/** Longer topic names are rare, and would make the bound on memory a loose one. */
const maxTopicLength = 127
/** Topic names remembered, at first and at most. */
const minSize = 256
const maxSize = 65_536
/** Values in all answers together. */
const maxValues = 524_288
/** Topic names last missed, of which one that comes again is known. */
const missedSize = 4_096
/** Lookups between two looks at how the cache does: enough to see names again that come in turn. */
const windowSize = 4 * missedSize
/** Matches to step aside for, so that finding out again that there is nothing to gain costs next to nothing. */
const restSize = 256 * windowSize
/** How closely a topic name is looked at to choose its place: at most 2 to this many characters, so with `fine` at all of them. */
const coarse = 4
const fine = 7

/**
 * Remembers the answers for topic names that come again. What it holds is bounded whatever a publisher sends, and where topic names hardly ever
 * come again it steps aside.
 */
export class TopicCache<V> {
  // Pairs of places, chosen by a hash of some of the topic name's characters. An answer stands behind its name.
  private places: (string | readonly V[] | undefined)[] = []
  /** Topic names there is room for. */
  size = 0
  /** Values in all answers together. */
  valuesHeld = 0
  // Of the names last missed: a part of their hash, by another part. A name is remembered when it comes again, so that a flood of new ones takes
  // nobody's place.
  private readonly missed = new Uint16Array(missedSize)
  private grain = coarse
  // Of the topic name last asked for: the hash, and where its answer goes, or -1.
  private hash = 0
  private free = -1
  private coin = 0
  private resting = false
  private untilLook = windowSize
  // Since the last look.
  private hits = 0
  private repeats = 0
  private displaced = 0
  private lookalikes = 0

  constructor() {
    this.resize(minSize)
  }

  /** The answer for a topic name, or `undefined`. */
  get(topicName: string): readonly V[] | undefined {
    if (--this.untilLook === 0) this.look()
    if (this.resting || topicName.length > maxTopicLength) {
      this.free = -1
      return undefined
    }
    const { places } = this
    const hash = hashOf(topicName, this.grain)
    const place = this.placeOf(hash)
    if (places[place] === topicName) {
      this.hits++
      return places[place + 1] as readonly V[]
    }
    if (places[place + 2] === topicName) {
      this.hits++
      return this.promote(place)
    }
    this.miss(topicName, hash, place)
    return undefined
  }

  /** Remembers the answer for the topic name that `get` was last called with, if that one has come before. */
  set(topicName: string, values: readonly V[]): void {
    if (this.free === -1) return
    const gone = this.places[this.free + 1]
    const held = this.valuesHeld + values.length - (gone === undefined ? 0 : gone.length)
    if (held > maxValues) return
    if (gone !== undefined) {
      this.displaced++
      if (hashOf(this.places[this.free] as string, this.grain) === this.hash) this.lookalikes++
    }
    this.valuesHeld = held
    this.places[this.free] = topicName
    this.places[this.free + 1] = values
  }

  private miss(topicName: string, hash: number, place: number): void {
    this.hash = hash
    this.free = -1
    if (this.comesAgain(hashOf(topicName, fine))) {
      this.repeats++
      this.free = this.places[place] === undefined ? place : place + 2
    }
  }

  /** Whether a name was among the last ones missed. Now it is, unless it meets another one, who then stays or goes by the toss of a coin. */
  private comesAgain(hash: number): boolean {
    const place = hash & (missedSize - 1)
    const mark = hash >>> 16
    const last = this.missed[place]
    if (last === mark) return true
    // Without the coin, names that come in turn and meet would put out each other for ever.
    this.coin = (Math.imul(this.coin, 1_664_525) + 1_013_904_223) | 0
    if (last === 0 || this.coin < 0) this.missed[place] = mark
    return false
  }

  /** The first of a pair is the one asked for more often; a new name puts out the second. */
  private promote(place: number): readonly V[] {
    const { places } = this
    const name = places[place + 2]
    const answer = places[place + 3]
    places[place + 2] = places[place]
    places[place + 3] = places[place + 1]
    places[place] = name
    places[place + 1] = answer
    return answer as readonly V[]
  }

  /** Makes room when names put each other out; looks closer, which costs, when many do that look alike; and steps aside when few come again. */
  private look(): void {
    this.untilLook = windowSize
    if (this.resting) {
      this.resting = false
    } else if ((this.displaced - this.lookalikes) * 128 > windowSize && this.size < maxSize) {
      this.resize(this.size * 2)
    } else if (this.lookalikes * 4 > windowSize && this.grain === coarse) {
      this.grain = fine
      this.resize(this.size)
    } else if ((this.hits + this.repeats) * 4 < windowSize) {
      this.grain = coarse
      this.places = []
      this.resize(minSize)
      this.resting = true
      this.untilLook = restSize
    }
    this.hits = 0
    this.repeats = 0
    this.displaced = 0
    this.lookalikes = 0
  }

  /** Moves what is remembered to as many places. */
  private resize(size: number): void {
    const before = this.places
    this.size = size
    this.places = Array.from({ length: size * 2 })
    this.valuesHeld = 0
    for (let i = 0; i < before.length; i += 2) {
      const name = before[i] as string | undefined
      if (name === undefined) continue
      const first = this.placeOf(hashOf(name, this.grain))
      this.free = this.places[first] === undefined ? first : first + 2
      this.set(name, before[i + 1] as readonly V[])
    }
    this.free = -1
  }

  private placeOf(hash: number): number {
    return (hash & (this.size - 2)) * 2
  }
}

/** Of characters evenly spread from the last one on. Only says where to look: names are compared whole. */
function hashOf(topicName: string, grain: number): number {
  const step = (topicName.length >> grain) + 1
  let hash = topicName.length
  for (let i = topicName.length - 1; i >= 0; i -= step) hash = Math.imul(hash, 31) + topicName.charCodeAt(i)
  hash = Math.imul(hash, 0x9e37_79b1)
  return hash ^ (hash >>> 15)
}
