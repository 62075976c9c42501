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

/** Longer topic names are rare, and would make the bound on memory a loose one. */
const maxTopicLength = 128
const minSize = 512
const maxSize = 32_768
/** Values in all answers together. */
const maxValues = 524_288
/** After a change. A cache that is emptied again before it is filled costs more than it saves. */
const calmMatches = 2_048
/** After the cache was found to be of no use, so that finding it out again costs next to nothing. */
const restMatches = 4_194_304
const fewSamples = 12

export function createTopicCache<V>(): TopicCache<V> {
  // Pairs of places, chosen by a hash of some of the topic name's characters.
  let names: (string | undefined)[] = []
  let answers: (readonly V[] | undefined)[] = []
  // The hash last missed at each pair. A topic name is remembered when it comes a second time: those that come once take nothing's place.
  let missed = new Int32Array(0)
  let size = 0
  let samples = fewSamples
  // Where the topic name last asked for goes, or -1.
  let place = -1
  let resting = calmMatches
  let valuesHeld = 0
  // Of the lookups since the last look at how the cache does.
  let lookupsLeft = 0
  let hits = 0
  let displaced = 0

  return { get, set, clear: () => rest(calmMatches) }

  function get(topicName: string): readonly V[] | undefined {
    place = -1
    if (resting > 0) {
      resting--
      return undefined
    }
    if (topicName.length > maxTopicLength) return undefined
    if (lookupsLeft === 0) adapt()
    if (size === 0) return undefined
    lookupsLeft--
    const hash = hashOf(topicName, samples)
    const pair = hash & (size - 2)
    if (names[pair] === topicName) {
      hits++
      return answers[pair]
    }
    if (names[pair + 1] === topicName) {
      hits++
      return promote(pair)
    }
    if (missed[pair >> 1] === hash) place = names[pair] === undefined ? pair : pair + 1
    missed[pair >> 1] = hash
    return undefined
  }

  /** The first of a pair is the one more often asked for; newcomers put out the second. */
  function promote(pair: number): readonly V[] | undefined {
    const answer = answers[pair + 1]
    const name = names[pair + 1]
    names[pair + 1] = names[pair]
    answers[pair + 1] = answers[pair]
    names[pair] = name
    answers[pair] = answer
    return answer
  }

  function set(topicName: string, values: readonly V[]): void {
    if (place === -1) return
    const gone = answers[place]
    const held = valuesHeld + values.length - (gone === undefined ? 0 : gone.length)
    if (held > maxValues) return
    if (gone !== undefined) displaced++
    valuesHeld = held
    names[place] = topicName
    answers[place] = values.slice()
  }

  /** Makes room where names have to go or none are known; looks closer at them if that did not help; gives up if nothing does. */
  function adapt(): void {
    const useful = hits * 2 >= size
    if (size === 0) open(minSize)
    else if (size < maxSize && (!useful || displaced * 128 > size)) open(size * 4)
    else if (useful) observe()
    else if (samples === fewSamples) {
      samples = maxTopicLength
      open(size)
    } else rest(restMatches)
  }

  function open(places: number): void {
    size = places
    names = Array.from({ length: places })
    answers = Array.from({ length: places })
    missed = new Int32Array(places / 2)
    valuesHeld = 0
    observe()
  }

  function observe(): void {
    lookupsLeft = size * 2
    hits = 0
    displaced = 0
  }

  function rest(matches: number): void {
    resting = matches
    if (size === 0) return
    size = 0
    names = []
    answers = []
    missed = new Int32Array(0)
    samples = fewSamples
    lookupsLeft = 0
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
