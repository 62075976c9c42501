import { LevelReader } from './level-reader.js'
import { belowField, hereField, levelField, literalsField, nodeSize, NodeTable, parentField, plusField } from './node-table.js'
import { SequenceTable } from './sequence-table.js'
import { ValueLists } from './value-lists.js'

export const root = 0

/** Where some levels lead: `length` words from `start`, first the nodes reached, then the lists found on the way. */
export interface Place {
  readonly words: Int32Array
  readonly start: number
  readonly nodeCount: number
  readonly length: number
}

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
  // While matching: the nodes that the levels read so far lead to, those that one more level leads to, and the lists found on the way.
  private live = new Int32Array(16)
  private reached = new Int32Array(16)
  private found = new Int32Array(16)

  add(filter: string, value: V): void {
    if (this.lists.sparse) this.renumberValues()
    const { reader, levels, nodes } = this
    let node = root
    let field = hereField
    reader.open(filter)
    while (reader.next()) {
      if (this.reads(hash)) {
        field = belowField
      } else if (this.reads(plus)) {
        node = nodes.records[node * nodeSize + plusField] || nodes.addPlus(node)
      } else {
        const level = levels.find(reader)
        node = nodes.literal(node, level) || nodes.addLiteral(node, levels.use(reader, level))
      }
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
      if (field === belowField) return false
      if (this.reads(hash)) {
        field = belowField
        continue
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
    const { reader, live } = this
    reader.open(topicName)
    reader.next()
    live[0] = root
    // A leading wildcard must not catch $SYS: [MQTT-4.7.2-1].
    if (topicName.charCodeAt(0) === dollar) {
      live[0] = this.literal(root)
      if (live[0] === 0) return []
      if (!reader.next()) return this.end(1, 0)
    }
    return this.walk(1, 0)
  }

  /** As `match`, from the level just read on, where the levels before it led to a {@link Place}. */
  matchFrom(place: Place): V[] {
    this.load(place)
    return this.walk(place.nodeCount, place.length - place.nodeCount)
  }

  /** The values for a topic name whose levels led to a place. */
  valuesAt(place: Place): V[] {
    this.load(place)
    return this.end(place.nodeCount, place.length - place.nodeCount)
  }

  private load({ words, start, nodeCount, length }: Place): void {
    if (this.live.length < nodeCount) this.live = new Int32Array(nodeCount * 2)
    this.makeRoom(length - nodeCount, 0)
    const { live, found } = this
    for (let i = 0; i < nodeCount; i++) live[i] = words[start + i]!
    for (let i = nodeCount; i < length; i++) found[i - nodeCount] = words[start + i]!
  }

  private walk(liveNodes: number, listsFound: number): V[] {
    const { reader, levels, nodes } = this
    const { records } = nodes
    let liveCount = liveNodes
    let foundCount = listsFound
    do {
      const level = levels.find(reader)
      this.makeRoom(foundCount + liveCount, foundCount)
      if (this.reached.length < liveCount * 2) this.reached = new Int32Array(liveCount * 4)
      const { live, reached, found } = this
      let count = 0
      for (let i = 0; i < liveCount; i++) {
        const node = live[i]!
        const at = node * nodeSize
        if (records[at + belowField] !== 0) found[foundCount++] = records[at + belowField]!
        if (records[at + plusField] !== 0) reached[count++] = records[at + plusField]!
        if (level !== 0 && records[at + literalsField] !== 0) {
          const child = nodes.literal(node, level)
          if (child !== 0) reached[count++] = child
        }
      }
      this.live = reached
      this.reached = live
      liveCount = count
    } while (liveCount > 0 && reader.next())
    return this.end(liveCount, foundCount)
  }

  private end(liveCount: number, listsFound: number): V[] {
    const { records } = this.nodes
    this.makeRoom(listsFound + liveCount * 2, listsFound)
    const { live, found } = this
    let foundCount = listsFound
    for (let i = 0; i < liveCount; i++) {
      const at = live[i]! * nodeSize
      if (records[at + hereField] !== 0) found[foundCount++] = records[at + hereField]!
      // a/# matches a as well: MQTT 5.0, 4.7.1.2.
      if (records[at + belowField] !== 0) found[foundCount++] = records[at + belowField]!
    }
    return this.lists.valuesOf(found, foundCount)
  }

  private makeRoom(needed: number, used: number): void {
    if (this.found.length >= needed) return
    const before = this.found
    this.found = new Int32Array(needed * 2)
    this.found.set(before.subarray(0, used))
  }

  private reads(word: number): boolean {
    return this.reader.length === 1 && this.reader.words[0] === word
  }

  /** The child for the level last read, or 0. */
  private literal(node: number): number {
    return this.nodes.literal(node, this.levels.find(this.reader))
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
    let node = from
    while (node !== root) {
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
