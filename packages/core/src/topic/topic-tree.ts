import { createLevelReader } from './level-reader.js'
import { createLevelTable } from './level-table.js'
import { belowField, createNodeTable, hereField, levelField, literalsField, nodeSize, parentField, plusField } from './node-table.js'
import { createValueLists } from './value-lists.js'

/** Values filed in a tree under legal topic filters without a share group. */
export interface TopicTrie<V> {
  readonly size: number
  add(filter: string, value: V): void
  remove(filter: string, value: V): boolean
  /** The values of all filters that match a legal topic name, in the order they were added. */
  match(topicName: string): V[]
}

const root = 0
const dollar = 0x24
// The levels + and #, as the reader gives them.
const plus = 0x2b
const hash = 0x23

export function createTopicTrie<V>(): TopicTrie<V> {
  const reader = createLevelReader()
  const levels = createLevelTable()
  const nodes = createNodeTable()
  const lists = createValueLists<V>()
  // The nodes that the levels read so far lead to, and those that one more level leads to.
  let live = new Int32Array(16)
  let reached = new Int32Array(16)

  return {
    get size() {
      return lists.size
    },

    add(filter, value) {
      if (lists.sparse) renumberValues()
      let node = root
      let field = hereField
      reader.open(filter)
      while (reader.next()) {
        if (isLevel(hash)) field = belowField
        else if (isLevel(plus)) node = nodes.pool.records[node * nodeSize + plusField] || nodes.addPlus(node)
        else node = literal(node, levels.find(reader)) || nodes.addLiteral(node, levels.use(reader))
      }
      const at = node * nodeSize + field
      nodes.pool.records[at] = lists.append(nodes.pool.records[at]!, value)
    },

    remove(filter, value) {
      const { records } = nodes.pool
      let node = root
      let field = hereField
      reader.open(filter)
      while (reader.next()) {
        if (isLevel(hash)) {
          field = belowField
          break
        }
        node = isLevel(plus) ? records[node * nodeSize + plusField]! : literal(node, levels.find(reader))
        if (node === 0) return false
      }
      const at = node * nodeSize + field
      const list = lists.remove(records[at]!, value)
      if (list === -1) return false
      records[at] = list
      prune(node)
      return true
    },

    match(topicName) {
      const { records } = nodes.pool
      // A leading wildcard must not catch $SYS: [MQTT-4.7.2-1].
      let wildcards = topicName.charCodeAt(0) !== dollar
      let liveCount = 1
      live[0] = root
      reader.open(topicName)
      while (liveCount > 0 && reader.next()) {
        const level = levels.find(reader)
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
      }
      for (let i = 0; i < liveCount; i++) {
        const at = live[i]! * nodeSize
        if (records[at + hereField] !== 0) lists.collect(records[at + hereField]!)
        // a/# matches a as well: MQTT 5.0, 4.7.1.2.
        if (records[at + belowField] !== 0) lists.collect(records[at + belowField]!)
      }
      return lists.take()
    },
  }

  function isLevel(word: number): boolean {
    return reader.length === 1 && reader.words[0] === word
  }

  function literal(node: number, level: number): number {
    return level === 0 ? 0 : nodes.literal(node, level)
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
}
