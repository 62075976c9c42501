import { belowField, hereField, literalsField, nodeSize, plusField } from './node-table.js'
import { RecordPool } from './record-pool.js'
import { SequenceTable } from './sequence-table.js'
import { SlotTable } from './slot-table.js'
import { root, type TopicTree } from './topic-tree.js'

/** What may be held: nodes, lists and values of all states, and the steps between them; some 10 MB at most, whatever a publisher sends. */
const maxRoom = 1_048_576

// The fields of a step's record: from a state, by a level, to a state.
const fromField = 0
const levelField = 1
const toField = 2
const stepSize = 3
const stepRoom = 8

/**
 * Matches as its tree does, but remembers where levels led. A state stands for all the nodes that some levels lead to and all the lists found on
 * the way; the step from one state to the next by one more level is worked out once. Then a topic name takes one step a level, however many
 * filters overlap. It holds while the tree does not change.
 */
export class MatchAutomaton<V> {
  // A state is the sequence of the number of its nodes, its nodes, and its lists.
  private readonly states = new SequenceTable()
  private readonly answers: (readonly V[] | undefined)[] = [undefined]
  private readonly pool = new RecordPool(stepSize)
  private readonly index = new SlotTable((step) =>
    hashOf(this.pool.records[step * stepSize + fromField]!, this.pool.records[step * stepSize + levelField]!),
  )
  private readonly draft = { words: new Int32Array(64), length: 0, hash: 0 }
  private room = maxRoom
  private readonly start: number

  constructor(private readonly tree: TopicTree<V>) {
    this.draft.words.set([1, root])
    this.start = this.intern(2)
  }

  /**
   * The values of all filters that match a legal topic name that does not start with `$`, in the order they were added; the array is shared.
   * `undefined` where a step is new and there is no room left to remember it.
   */
  match(topicName: string): readonly V[] | undefined {
    const { reader, levels } = this.tree
    let state = this.start
    reader.open(topicName)
    while (reader.next()) {
      const level = levels.find(reader)
      const to = this.step(state, level) || this.addStep(state, level)
      if (to === 0) return undefined
      state = Math.abs(to)
      if (to < 0) break
    }
    return this.answers[state] ?? this.answer(state)
  }

  /** Where a state leads by one more level: 0 where that is not known yet, below zero where further levels change nothing. */
  private step(state: number, level: number): number {
    const { slots } = this.index
    const { records } = this.pool
    const mask = slots.length - 1
    for (let slot = hashOf(state, level) & mask; ; slot = (slot + 1) & mask) {
      const at = slots[slot]! * stepSize
      if (at === 0) return 0
      if (records[at + fromField] === state && records[at + levelField] === level) return records[at + toField]!
    }
  }

  private addStep(state: number, level: number): number {
    if (this.room <= 0) return 0
    const reached = this.follow(state, level)
    const to = this.draft.words[0] === 0 ? -reached : reached
    const step = this.pool.take()
    this.pool.records.set([state, level, to], step * stepSize)
    this.index.insert(step)
    this.room -= stepRoom
    return to
  }

  /** Works out the state that one more level leads to. */
  private follow(state: number, level: number): number {
    const { draft, states } = this
    const { nodes } = this.tree
    const { records } = nodes
    const { words } = states
    const first = states.startOf(state) + 1
    const lists = first + words[first - 1]!
    const end = first - 1 + states.lengthOf(state)
    if (draft.words.length < (end - first) * 3 + 1) draft.words = new Int32Array((end - first) * 6)
    let length = 1
    for (let i = first; i < lists; i++) {
      const at = words[i]! * nodeSize
      if (records[at + plusField] !== 0) draft.words[length++] = records[at + plusField]!
      const child = level !== 0 && records[at + literalsField] !== 0 ? nodes.literal(words[i]!, level) : 0
      if (child !== 0) draft.words[length++] = child
    }
    draft.words[0] = length - 1
    for (let i = first; i < lists; i++) {
      const below = records[words[i]! * nodeSize + belowField]!
      if (below !== 0) draft.words[length++] = below
    }
    for (let i = lists; i < end; i++) draft.words[length++] = words[i]!
    return this.intern(length)
  }

  /** The number of the state that the draft holds. */
  private intern(length: number): number {
    const { draft, states } = this
    draft.length = length
    draft.hash = 0
    for (let i = 0; i < length; i++) draft.hash = hashOf(draft.hash, draft.words[i]!)
    const known = states.find(draft)
    if (known !== 0) return known
    this.room -= length + stepRoom
    this.answers.push(undefined)
    return states.use(draft)
  }

  /** Works out the values for a topic name that ends in a state. */
  private answer(state: number): readonly V[] {
    const { records } = this.tree.nodes
    const { words } = this.states
    const first = this.states.startOf(state) + 1
    const lists = first + words[first - 1]!
    const end = first - 1 + this.states.lengthOf(state)
    const passed = new Int32Array((end - first) * 2)
    let count = 0
    for (let i = first; i < lists; i++) {
      const at = words[i]! * nodeSize
      if (records[at + hereField] !== 0) passed[count++] = records[at + hereField]!
      // a/# matches a as well: MQTT 5.0, 4.7.1.2.
      if (records[at + belowField] !== 0) passed[count++] = records[at + belowField]!
    }
    for (let i = lists; i < end; i++) passed[count++] = words[i]!
    const values = this.tree.lists.valuesOf(passed, count)
    this.room -= values.length + stepRoom
    this.answers[state] = values
    return values
  }
}

function hashOf(a: number, b: number): number {
  const hash = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca6b)
  return hash ^ (hash >>> 15)
}
