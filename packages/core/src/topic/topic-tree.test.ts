import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MatchAutomaton } from './match-automaton.js'
import { topicMatches } from './topic-filter.js'
import { TopicTree } from './topic-tree.js'

const level = fc.constantFrom('', 'a', 'b', 'abcd')
const name = fc
  .array(level, { minLength: 1, maxLength: 5 })
  .map((levels) => levels.join('/'))
  .filter((each) => each !== '')
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.oneof(level, fc.constantFrom('+', '#')))
  .map(([levels, last]) => [...levels, last].join('/'))
  .filter((each) => each !== '')

describe('MatchAutomaton', () => {
  it.each([
    ['room for all', undefined],
    ['room for a few states', 60],
    ['no room', 0],
  ])('answers as the tree and as brute force do, with %s', (_name, room) => {
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 20 }), fc.array(name, { minLength: 1, maxLength: 20 }), (filters, topicNames) => {
        const tree = new TopicTree<number>()
        for (const [value, each] of filters.entries()) tree.add(each, value)
        const automaton = new MatchAutomaton(tree, room)
        for (const topicName of [...topicNames, ...topicNames]) {
          const expected = [...filters.keys()].filter((value) => topicMatches(filters[value]!, topicName))
          expect(tree.match(topicName)).toEqual(expected)
          expect(automaton.match(topicName)).toEqual(expected)
        }
      }),
    )
  })

  it('stays within its room, whatever topic names come', () => {
    const tree = new TopicTree<number>()
    for (let i = 0; i < 1_000; i++) tree.add(`+/${i}/#`, i)
    for (let i = 0; i < 1_000; i++) tree.add(`${i}/+/+`, i)
    const automaton = new MatchAutomaton(tree, 10_000)
    const heldBefore = held(automaton)
    for (let i = 0; i < 200_000; i++) automaton.match(`${i % 1_000}/${(i * 7) % 1_000}/${i % 13}`)
    expect(held(automaton) - heldBefore).toBeLessThan(100_000)
  })
})

/** Integers in the automaton's tables. */
function held(automaton: object): number {
  const { steps, states } = automaton as { readonly steps: Int32Array; readonly states: { readonly words: Int32Array } }
  return steps.length + states.words.length
}

describe('TopicTree', () => {
  it('gives back the room of filters that were taken out', () => {
    const tree = new TopicTree<number>()
    tree.add('keep/+/#', -1)
    for (let i = 0; i < 100_000; i++) {
      tree.add(`device/${i}/+/state-${i}`, i)
      tree.remove(`device/${i}/+/state-${i}`, i)
    }
    expect(tree.match('keep/this')).toEqual([-1])
    expect(tree.lists.size).toBe(1)
    expect(tree.nodes.records.length).toBeLessThan(200)
    expect(tree.levels.words.length).toBeLessThan(100)
  })

  it('keeps the order of adding while old values go and new ones come', () => {
    const tree = new TopicTree<number>()
    const filters = ['a/b', 'a/+', 'a/#', '#', '+/b']
    const filed: number[] = []
    for (let i = 0; i < 2_000; i++) {
      tree.add(filters[i % 5]!, i)
      filed.push(i)
      // Three of four go again: the youngest but one, the oldest, one in between.
      if (i % 4 === 0) continue
      const gone = filed.splice([0, filed.length - 2, filed.length >> 1][i % 3]!, 1)[0]!
      expect(tree.remove(filters[gone % 5]!, gone)).toBe(true)
    }
    expect(tree.match('a/b')).toEqual(filed)
  })
})
