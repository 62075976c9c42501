/**
 * Remembers the answers for topic names that come again. Bounded in entries, text and values whatever a publisher sends, and out of the way where
 * it does not help: while answers keep changing, and while topic names hardly ever repeat.
 */
export interface TopicCache<V> {
  /** The answer for a topic name, or `undefined`. */
  get(topicName: string): readonly V[] | undefined
  /** Remembers the answer for the topic name that `get` was last called with. */
  set(topicName: string, values: readonly V[]): void
  /** Forgets everything, and stays out of the way until answers have been the same for a while. */
  clear(): void
}

/** Topic names up to this length are remembered: nearly all, and at most 4 MB of text at two bytes a character… */
const maxTopicLength = 128
const minSize = 256
const maxSize = 32_768
/** Values in all answers together. */
const maxValues = 524_288
/** After a change. Below this a cache costs more than it saves, as it is emptied before it is filled. */
const calmMatches = 2_048
/** After the cache was found to be of no use: at a few dozen nanoseconds a miss, trying again now and then costs under one percent. */
const restMatches = 4_194_304
const minSamples = 12

export function createTopicCache<V>(): TopicCache<V> {
  // Pairs of places, chosen by a hash of some of the topic name's characters. The second place is for newcomers: a topic name seen once
  // never puts out one that was seen again, so a flood of new ones leaves half of what is known.
  let names: (string | undefined)[] = []
  let answers: (readonly V[] | undefined)[] = []
  let size = minSize
  let samples = minSamples
  let pair = -1
  let resting = calmMatches
  let valuesHeld = 0
  // Of the window under observation: what is left of it, how often a topic name was known, how often one had to go for another.
  let lookupsLeft = 0
  let hits = 0
  let displaced = 0

  function open(newSize: number): void {
    size = newSize
    names = Array.from({ length: newSize })
    answers = Array.from({ length: newSize })
    valuesHeld = 0
    lookupsLeft = newSize * 2
    hits = 0
    displaced = 0
  }

  function rest(matches: number): void {
    if (names.length > 0) {
      names = []
      answers = []
    }
    size = minSize
    lookupsLeft = 0
    resting = matches
    pair = -1
  }

  /** Once per window: more room if names had to go; a closer look at them if that did not help; and rest if nothing does. */
  function adapt(): void {
    if (names.length === 0) open(minSize)
    else if (displaced * 16 > size && size < maxSize) open(size * 4)
    else if (hits * 2 > size) [lookupsLeft, hits, displaced] = [size * 2, 0, 0]
    else if (samples < maxTopicLength) {
      samples = maxTopicLength
      open(size)
    } else {
      samples = minSamples
      rest(restMatches)
    }
  }

  return {
    get(topicName) {
      if (resting > 0) {
        resting--
        return undefined
      }
      if (topicName.length > maxTopicLength) {
        pair = -1
        return undefined
      }
      if (lookupsLeft === 0) adapt()
      if (resting > 0) return undefined
      lookupsLeft--
      pair = hashOf(topicName, samples) & (size - 2)
      if (names[pair] === topicName) {
        hits++
        return answers[pair]
      }
      if (names[pair + 1] !== topicName) return undefined
      hits++
      const answer = answers[pair + 1]
      names[pair + 1] = names[pair]
      answers[pair + 1] = answers[pair]
      names[pair] = topicName
      answers[pair] = answer
      return answer
    },
    set(topicName, values) {
      if (pair === -1) return
      const place = names[pair] === undefined ? pair : pair + 1
      const gone = answers[place]
      const held = valuesHeld + values.length - (gone === undefined ? 0 : gone.length)
      if (held > maxValues) return
      if (gone !== undefined) displaced++
      valuesHeld = held
      names[place] = topicName
      answers[place] = values.slice()
    },
    clear() {
      rest(calmMatches)
    },
  }
}

/** Of up to `samples` characters, evenly spread from the last one on. Only a place to look: names are compared whole. */
function hashOf(topicName: string, samples: number): number {
  const step = Math.ceil(topicName.length / samples)
  let hash = topicName.length
  for (let i = topicName.length - 1; i >= 0; i -= step) hash = Math.imul(hash, 31) + topicName.charCodeAt(i)
  hash = Math.imul(hash, 0x9e37_79b1)
  return hash ^ (hash >>> 15)
}
