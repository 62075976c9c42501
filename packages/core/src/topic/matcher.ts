import { TopicError } from './pattern.js'
import { createTopicCache } from './topic-cache.js'
import { isTopicFilter, withoutShareGroup } from './topic-filter.js'
import { isTopicName } from './topic-name.js'
import { createTopicTrie } from './topic-trie.js'

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
   * where none matches or `topicName` is no topic name. The array is the caller's own.
   */
  match(topicName: string): V[]
  /** How many values are filed. */
  readonly size: number
  /** Takes everything out. */
  clear(): void
}

/** Creates an empty {@link TopicMatcher}. */
export function createTopicMatcher<V>(): TopicMatcher<V> {
  let trie = createTopicTrie<V>()
  const cache = createTopicCache<V>()
  return {
    add(filter, value) {
      if (!isTopicFilter(filter)) throw new TopicError('TOPIC_INVALID', `${JSON.stringify(filter)} is not a topic filter`)
      cache.clear()
      trie.add(withoutShareGroup(filter), value)
    },
    remove(filter, value) {
      if (!isTopicFilter(filter) || !trie.remove(withoutShareGroup(filter), value)) return false
      cache.clear()
      return true
    },
    match(topicName) {
      const known = cache.get(topicName)
      if (known !== undefined) return known.slice()
      if (!isTopicName(topicName)) return []
      const values = trie.match(topicName)
      cache.set(topicName, values)
      return values
    },
    get size() {
      return trie.size
    },
    clear() {
      cache.clear()
      trie = createTopicTrie<V>()
    },
  }
}
