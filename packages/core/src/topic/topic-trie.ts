import { createLevelTable, hashUnit, longLength, seed } from './level-table.js'
import { belowField, createNodeTable, hereField, levelField, literalsField, nodeSize, parentField, plusField } from './node-table.js'
import { endOfLevel } from './topic-filter.js'
import { createValueLists } from './value-lists.js'

/** Values filed in a tree under legal topic filters without a share group. */
export interface TopicTrie<V> {
  readonly size: number
  add(filter: string, value: V): void
  remove(filter: string, value: V): boolean
  /** The values of all filters that match a legal topic name, in the order they were added. */
  match(topicName: string): V[]
}

const dollar = 0x24
const slash = 0x2f
const root = 0

export function createTopicTrie<V>(): TopicTrie<V> {
  const levels = createLevelTable()
  const nodes = createNodeTable()
  const lists = createValueLists<V>()
  // The nodes that the levels read so far lead to, and those that the next level leads to.
  let live = new Int32Array(16)
  let reached = new Int32Array(16)

  function match(topicName: string): V[] {
    const { records } = nodes.pool
    // A leading wildcard must not catch $SYS: [MQTT-4.7.2-1].
    let wildcards = topicName.charCodeAt(0) !== dollar
    let liveCount = 1
    live[0] = root
    for (let start = 0; start <= topicName.length && liveCount > 0;) {
      const stop = Math.min(topicName.length, start + longLength)
      let hash = seed
      let end = start
      for (let unit; end < stop && (unit = topicName.charCodeAt(end)) !== slash; end++) hash = hashUnit(hash, unit)
      if (end - start === longLength) end = endOfLevel(topicName, end)
      const level = levels.find(topicName, start, end, hash)
      if (reached.length < liveCount * 2) reached = new Int32Array(liveCount * 4)
      let count = 0
      for (let i = 0; i < liveCount; i++) {
        const node = live[i]!
        const at = node * nodeSize
        if (wildcards) {
          if (records[at + belowField] !== 0) lists.collect(records[at + belowField]!)
          if (records[at + plusField] !== 0) reached[count++] = records[at + plusField]!
        }
        if (level !== 0 && records[at + literalsField] !== 0) {
          const child = nodes.literal(node, level)
          if (child !== 0) reached[count++] = child
        }
      }
      const spare = live
      live = reached
      reached = spare
      liveCount = count
      wildcards = true
      start = end + 1
    }
    for (let i = 0; i < liveCount; i++) {
      const at = live[i]! * nodeSize
      if (records[at + hereField] !== 0) lists.collect(records[at + hereField]!)
      // a/# matches a as well: MQTT 5.0, 4.7.1.2.
      if (records[at + belowField] !== 0) lists.collect(records[at + belowField]!)
    }
    return lists.take()
  }

  function renumberValues(): void {
    const numbers = lists.renumber()
    const { records } = nodes.pool
    for (let at = 0; at < records.length; at += nodeSize) {
      records[at + hereField] = numbers[records[at + hereField]!]!
      records[at + belowField] = numbers[records[at + belowField]!]!
    }
  }

  /** Takes away the nodes that lead to nothing any more. */
  function prune(from: number): void {
    const { records } = nodes.pool
    for (let node = from; node !== root;) {
      const at = node * nodeSize
      if (records[at + plusField] || records[at + literalsField] || records[at + hereField] || records[at + belowField]) return
      const parent = records[at + parentField]!
      const level = records[at + levelField]!
      nodes.remove(node)
      if (level !== 0) levels.release(level)
      node = parent
    }
  }

  return {
    get size() {
      return lists.size
    },
    add(filter, value) {
      if (lists.sparse) renumberValues()
      let node = root
      let field = hereField
      for (let start = 0; start <= filter.length;) {
        const end = endOfLevel(filter, start)
        let hash = seed
        for (let i = start; i < end; i++) hash = hashUnit(hash, filter.charCodeAt(i))
        if (filter.startsWith('#', start)) {
          field = belowField
        } else if (filter.startsWith('+', start)) {
          node = nodes.pool.records[node * nodeSize + plusField] || nodes.addPlus(node)
        } else {
          const level = levels.find(filter, start, end, hash)
          node = (level && nodes.literal(node, level)) || nodes.addLiteral(node, levels.use(filter, start, end, hash))
        }
        start = end + 1
      }
      const at = node * nodeSize + field
      nodes.pool.records[at] = lists.append(nodes.pool.records[at]!, value)
    },
    remove(filter, value) {
      const { records } = nodes.pool
      let node = root
      let field = hereField
      for (let start = 0; start <= filter.length;) {
        const end = endOfLevel(filter, start)
        let hash = seed
        for (let i = start; i < end; i++) hash = hashUnit(hash, filter.charCodeAt(i))
        if (filter.startsWith('#', start)) {
          field = belowField
        } else {
          const level = filter.startsWith('+', start) ? -1 : levels.find(filter, start, end, hash)
          node = level === -1 ? records[node * nodeSize + plusField]! : level && nodes.literal(node, level)
          if (node === 0) return false
        }
        start = end + 1
      }
      const at = node * nodeSize + field
      const list = lists.remove(records[at]!, value)
      if (list === -1) return false
      records[at] = list
      prune(node)
      return true
    },
    match,
  }
}
