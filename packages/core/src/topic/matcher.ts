import { MatchAutomaton } from './match-automaton.js'
import { TopicError } from './pattern.js'
import { TopicCache } from './topic-cache.js'
import { isTopicFilter, withoutShareGroup } from './topic-filter.js'
import { isTopicName, isTopicText } from './topic-name.js'
import { TopicTree } from './topic-tree.js'

/** Values filed under topic filters, to be found by the topic names the filters match. */
export interface TopicMatcher<V> {
  /**
   * Files a value under a filter. Filed twice, it is found twice. The group of `$share/<group>/<filter>` plays no part: it says who of several
   * subscribers gets a message, not which messages there are, so the value is filed under `<filter>`.
   *
   * @throws {@link TopicError} `TOPIC_INVALID` when `filter` is no topic filter
   */
  add(filter: string, value: V): void
  /**
   * Takes out what one `add` of the same filter and value (by `===`) put in, the oldest first.
   *
   * @returns whether there was any
   */
  remove(filter: string, value: V): boolean
  /**
   * The values of every filter that matches, in the order they were added. A value filed under several of them comes once for each. Empty
   * where none matches or `topicName` is no topic name. The array may be given out again: to change it, copy it. It stays as it is when
   * filters are added or removed later.
   */
  match(topicName: string): readonly V[]
  /** How many values are filed. */
  readonly size: number
  /** Takes everything out. */
  clear(): void
}

/** Matches without a change after which answers begin to be remembered: what is forgotten again before it is of use costs more than it saves. */
const calmMatches = 2_048

const dollar = 0x24

/**
 * Creates an empty {@link TopicMatcher}.
 *
 * The tree always knows the answer. While filters stay the same, an automaton that grows along the traffic knows it in one step a level, and a
 * cache knows it at once for topic names that come again. Both forget everything at a change, and both are bounded: together some 30 MB at the
 * most, whatever a publisher sends, and a few kilobytes for a handful of topics.
 */
export function createTopicMatcher<V>(): TopicMatcher<V> {
  let tree = new TopicTree<V>()
  let sinceChange = 0
  let cache: TopicCache<V> | undefined
  let automaton: MatchAutomaton<V> | undefined

  return {
    add(filter, value) {
      if (!isTopicFilter(filter)) throw new TopicError('TOPIC_INVALID', `${show(filter)} is not a topic filter`)
      forget()
      tree.add(withoutShareGroup(filter), value)
    },
    remove(filter, value) {
      // A filter with a misplaced wildcard was never filed, so the tree does not find it; what the tree could take for another is sorted out here.
      const filed = withoutShareGroup(filter)
      if (!isTopicText(filter) || (filed !== filter && !isTopicFilter(filter)) || !tree.remove(filed, value)) return false
      forget()
      return true
    },
    match(topicName) {
      const known = cache?.get(topicName)
      return known ?? matchAnew(topicName)
    },
    get size() {
      return tree.lists.size
    },
    clear() {
      forget()
      tree = new TopicTree<V>()
    },
  }

  function matchAnew(topicName: string): readonly V[] {
    if (!isTopicName(topicName)) return []
    // Topic names with a $ are few, and the automaton is simpler without them.
    if (automaton === undefined || topicName.charCodeAt(0) === dollar) {
      if (++sinceChange === calmMatches) {
        cache = new TopicCache<V>()
        automaton = new MatchAutomaton(tree)
      }
      return tree.match(topicName)
    }
    const values = automaton.match(topicName)
    cache?.set(topicName, values)
    return values
  }

  function forget(): void {
    sinceChange = 0
    cache = undefined
    automaton = undefined
  }
}

function show(filter: unknown): string {
  const text = JSON.stringify(filter) ?? String(filter)
  return text.length > 100 ? `${text.slice(0, 97)}…` : text
}
