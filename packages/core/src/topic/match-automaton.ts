import { belowField, literalsField, nodeSize, plusField } from './node-table.js'
import { SequenceTable } from './sequence-table.js'
import { root, type Place, type TopicTree } from './topic-tree.js'

/** What may be held: nodes, lists and values of all states, and the steps between them; some 10 MB at most, whatever a publisher sends. */
const maxRoom = 1_048_576

// The fields of a step: from a state, by a level, to a state.
const fromField = 0
const levelField = 1
const toField = 2
const stepSize = 4
/** What a state, a step or an answer takes besides what is in it. */
const overhead = 8

/**
 * Matches as its tree does, but remembers where levels led. A state stands for all the nodes that some levels lead to and all the lists found on
 * the way; the step from one state to the next by one more level is worked out once. Then a topic name takes one step a level, however many
 * filters overlap. It holds while the tree does not change.
 */
export class MatchAutomaton<V> {
  // A state is the sequence of the number of its nodes, its nodes, and its lists.
  private readonly states = new SequenceTable()
  private readonly answers: (readonly V[] | undefined)[] = [undefined]
  // Steps stand where their hash says or behind: open addressing with linear probing, at most two thirds full. From 0 is no step.
  private steps = new Int32Array(64 * stepSize)
  private stepCount = 0
  private readonly draft = { words: new Int32Array(64), length: 0, hash: 0 }
  private readonly start: number

  constructor(
    private readonly tree: TopicTree<V>,
    private room = maxRoom,
  ) {
    this.draft.words[0] = 1
    this.draft.words[1] = root
    this.start = this.intern(2)
  }

  /** The values of all filters that match a legal topic name that does not start with `$`, in the order they were added. The array is shared. */
  match(topicName: string): readonly V[] {
    const { reader, levels } = this.tree
    let state = this.start
    reader.open(topicName)
    while (reader.next()) {
      const level = levels.find(reader)
      const to = this.step(state, level) || this.addStep(state, level)
      if (to === 0) return this.tree.matchFrom(this.placeOf(state))
      state = Math.abs(to)
      if (to < 0) break
    }
    return this.answers[state] ?? this.answer(state)
  }

  /** Where one more level leads: 0 where that is not known yet, below zero where further levels change nothing. */
  private step(state: number, level: number): number {
    return this.steps[this.find(state, level) + toField]!
  }

  /** Where the step is, or where it goes. */
  private find(state: number, level: number): number {
    const { steps } = this
    const mask = steps.length - stepSize
    for (let at = (hashOf(state, level) * stepSize) & mask; ; at = (at + stepSize) & mask) {
      const from = steps[at + fromField]!
      if (from === 0 || (from === state && steps[at + levelField] === level)) return at
    }
  }

  private addStep(state: number, level: number): number {
    if (this.room <= 0) return 0
    const reached = this.follow(state, level)
    const to = this.draft.words[0] === 0 ? -reached : reached
    if (++this.stepCount * 3 * stepSize > this.steps.length * 2) this.spreadSteps()
    this.putStep(state, level, to)
    this.room -= overhead
    return to
  }

  private putStep(from: number, level: number, to: number): void {
    const at = this.find(from, level)
    this.steps[at + fromField] = from
    this.steps[at + levelField] = level
    this.steps[at + toField] = to
  }

  private spreadSteps(): void {
    const before = this.steps
    this.steps = new Int32Array(before.length * 2)
    for (let at = 0; at < before.length; at += stepSize) {
      if (before[at + fromField] !== 0) this.putStep(before[at + fromField]!, before[at + levelField]!, before[at + toField]!)
    }
  }

  /** Works out the state that one more level leads to. */
  private follow(state: number, level: number): number {
    const { draft, tree } = this
    const { records } = tree.nodes
    const { words, start, nodeCount, length: before } = this.placeOf(state)
    if (draft.words.length < 1 + before * 3) draft.words = new Int32Array(before * 6)
    const to = draft.words
    let length = 1
    for (let i = start; i < start + nodeCount; i++) {
      const at = words[i]! * nodeSize
      if (records[at + plusField] !== 0) to[length++] = records[at + plusField]!
      const child = level !== 0 && records[at + literalsField] !== 0 ? tree.nodes.literal(words[i]!, level) : 0
      if (child !== 0) to[length++] = child
    }
    to[0] = length - 1
    for (let i = start; i < start + nodeCount; i++) {
      const below = records[words[i]! * nodeSize + belowField]!
      if (below !== 0) to[length++] = below
    }
    for (let i = start + nodeCount; i < start + before; i++) to[length++] = words[i]!
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
    this.room -= length + overhead
    this.answers.push(undefined)
    return states.use(draft)
  }

  private answer(state: number): readonly V[] {
    const values = this.tree.valuesAt(this.placeOf(state))
    this.room -= values.length + overhead
    this.answers[state] = values
    return values
  }

  private placeOf(state: number): Place {
    const { words } = this.states
    const start = this.states.startOf(state)
    return { words, start: start + 1, nodeCount: words[start]!, length: this.states.lengthOf(state) - 1 }
  }
}

function hashOf(a: number, b: number): number {
  const hash = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca6b)
  return hash ^ (hash >>> 15)
}
