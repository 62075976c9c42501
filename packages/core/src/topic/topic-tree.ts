import { LevelReader } from './level-reader.js'
import { belowField, hereField, levelField, literalsField, nodeSize, NodeTable, parentField, plusField } from './node-table.js'
import { SequenceTable } from './sequence-table.js'
import { ValueLists } from './value-lists.js'

export const root = 0

// The levels + and #, as the reader gives them.
const plus = 0x2b
const hash = 0x23
const dollar = 0x24

/**
 * Values filed in a tree under legal topic filters without a share group: a node for every beginning of a filter, reached level by level. Levels
 * are numbered, so that the tree compares numbers and nothing is ever cut out of a topic name.
 */
export class TopicTree<V> {
  readonly reader = new LevelReader()
  readonly levels = new SequenceTable()
  readonly nodes = new NodeTable()
  readonly lists = new ValueLists<V>()
  // While matching: the nodes that the levels read so far lead to, those that one more level leads to, and the lists found.
  private live = new Int32Array(16)
  private reached = new Int32Array(16)
  private passed = new Int32Array(16)

  add(filter: string, value: V): void {
    if (this.lists.sparse) this.renumberValues()
    const { reader, nodes } = this
    let node = root
    let field = hereField
    reader.open(filter)
    while (reader.next()) {
      if (this.reads(hash)) field = belowField
      else if (this.reads(plus)) node = nodes.records[node * nodeSize + plusField] || nodes.addPlus(node)
      else node = this.literal(node) || nodes.addLiteral(node, this.levels.use(reader))
    }
    const at = node * nodeSize + field
    nodes.records[at] = this.lists.append(nodes.records[at]!, value)
  }

  /** Returns whether the value was filed under the filter. */
  remove(filter: string, value: V): boolean {
    const { reader } = this
    const { records } = this.nodes
    let node = root
    let field = hereField
    reader.open(filter)
    while (reader.next()) {
      if (this.reads(hash)) {
        field = belowField
        break
      }
      node = this.reads(plus) ? records[node * nodeSize + plusField]! : this.literal(node)
      if (node === 0) return false
    }
    const at = node * nodeSize + field
    const list = this.lists.remove(records[at]!, value)
    if (list === -1) return false
    records[at] = list
    this.prune(node)
    return true
  }

  /** The values of all filters that match a legal topic name, in the order they were added. */
  match(topicName: string): V[] {
    const { reader, levels, nodes } = this
    const { records } = nodes
    let { live, reached } = this
    let liveCount = 1
    let passedCount = 0
    // A leading wildcard must not catch $SYS: [MQTT-4.7.2-1].
    let wildcards = topicName.charCodeAt(0) !== dollar
    live[0] = root
    reader.open(topicName)
    while (liveCount > 0 && reader.next()) {
      const level = levels.find(reader)
      let count = 0
      if (reached.length < liveCount * 2) reached = new Int32Array(liveCount * 4)
      const passed = this.roomToPass(passedCount + liveCount)
      for (let i = 0; i < liveCount; i++) {
        const node = live[i]!
        const at = node * nodeSize
        if (wildcards) {
          if (records[at + belowField] !== 0) passed[passedCount++] = records[at + belowField]!
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
    const passed = this.roomToPass(passedCount + liveCount * 2)
    for (let i = 0; i < liveCount; i++) {
      const at = live[i]! * nodeSize
      if (records[at + hereField] !== 0) passed[passedCount++] = records[at + hereField]!
      // a/# matches a as well: MQTT 5.0, 4.7.1.2.
      if (records[at + belowField] !== 0) passed[passedCount++] = records[at + belowField]!
    }
    this.live = live
    this.reached = reached
    return this.lists.valuesOf(passed, passedCount)
  }

  private roomToPass(count: number): Int32Array {
    if (this.passed.length < count) {
      const before = this.passed
      this.passed = new Int32Array(count * 2)
      this.passed.set(before)
    }
    return this.passed
  }

  private reads(word: number): boolean {
    return this.reader.length === 1 && this.reader.words[0] === word
  }

  /** The child for the level last read, or 0. */
  private literal(node: number): number {
    const level = this.levels.find(this.reader)
    return level === 0 ? 0 : this.nodes.literal(node, level)
  }

  private renumberValues(): void {
    const numbers = this.lists.renumber()
    const { records } = this.nodes
    for (let at = 0; at < records.length; at += nodeSize) {
      records[at + hereField] = numbers[records[at + hereField]!]!
      records[at + belowField] = numbers[records[at + belowField]!]!
    }
  }

  /** Takes away the nodes that lead to nothing any more. */
  private prune(from: number): void {
    const { records } = this.nodes
    for (let node = from; node !== root; ) {
      const at = node * nodeSize
      if (records[at + plusField] || records[at + literalsField] || records[at + hereField] || records[at + belowField]) return
      const parent = records[at + parentField]!
      const level = records[at + levelField]!
      this.nodes.remove(node)
      if (level !== 0) this.levels.release(level)
      node = parent
    }
  }
}
