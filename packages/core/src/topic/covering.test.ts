import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { QoS } from '../transport/transport.js'
import { covers, coveringSet } from './covering.js'
import { topicMatches } from './topic-filter.js'

const level = fc.constantFrom('a', 'b', '', '$s')
const filterLevels = fc.tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
const filter = filterLevels.map(([levels, rest]) => [...levels, ...(rest ? ['#'] : [])].join('/')).filter((text) => text !== '')
const topicName = fc
  .array(level, { minLength: 1, maxLength: 5 })
  .map((levels) => levels.join('/'))
  .filter((text) => text !== '')
const subscriptions = fc.array(fc.record({ filter, qos: fc.constantFrom<QoS>(0, 1, 2) }), { maxLength: 6 })

describe('covers', () => {
  it.each([
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a/+/c', true],
    ['a/+', 'a/b', true],
    ['a/+', 'a/+', true],
    ['#', 'a/#', true],
    ['a/+', 'a/#', false],
    ['a/b', 'a/+', false],
    ['a/+', 'a', false],
    ['#', '$SYS/#', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
  ])('%s covers %s: %s', (wide, narrow, expected) => {
    expect(covers(wide, narrow)).toBe(expected)
  })

  it('is never wrong about a topic name', () => {
    fc.assert(
      fc.property(
        filter,
        filter,
        topicName,
        (wide, narrow, name) => !covers(wide, narrow) || !topicMatches(narrow, name) || topicMatches(wide, name),
      ),
    )
  })
})

describe('the covering set', () => {
  it.each([
    [['a/b', 'a/#', 'a/c'], ['a/#']],
    [
      ['a/#', 'a/b', 'c'],
      ['a/#', 'c'],
    ],
    [
      ['a/+', '+/b'],
      ['a/+', '+/b'],
    ],
    [['x', 'x'], ['x']],
    [
      ['#', '$SYS/#'],
      ['#', '$SYS/#'],
    ],
  ])('of %j is %j', (filters, expected) => {
    expect(coveringSet(filters.map((each) => ({ filter: each, qos: 1 }))).map((each) => each.filter)).toEqual(expected)
  })

  it('takes the highest quality of service of what it covers', () => {
    expect(
      coveringSet([
        { filter: 'a/b', qos: 2 },
        { filter: 'a/#', qos: 0 },
        { filter: 'a/c', qos: 1 },
      ]),
    ).toEqual([{ filter: 'a/#', qos: 2 }])
  })

  it.each([
    [['a/+', '+/b'], ['+/+']],
    [['a/+/c', 'a/b/#'], ['a/+/#']],
    [
      ['a/+', 'b/+'],
      ['a/+', 'b/+'],
    ],
    [
      ['a/b', 'a/+/c'],
      ['a/b', 'a/+/c'],
    ],
  ])('of %j, disjoint, is %j', (filters, expected) => {
    const set = coveringSet(
      filters.map((each) => ({ filter: each, qos: 1 })),
      { disjoint: true },
    )
    expect(set.map((each) => each.filter)).toEqual(expected)
  })

  it('brings every message the subscriptions would, at their quality of service; disjoint, each once', () => {
    fc.assert(
      fc.property(subscriptions, topicName, fc.boolean(), (wanted, name, disjoint) => {
        const set = coveringSet(wanted, { disjoint })
        const matching = set.filter((each) => topicMatches(each.filter, name))
        const asked = wanted.filter((each) => topicMatches(each.filter, name))
        const enough = Math.max(...asked.map(({ qos }) => qos)) <= Math.max(...matching.map(({ qos }) => qos))
        return enough && (!disjoint || matching.length <= 1)
      }),
    )
  })

  it('holds no filter that another one covers', () => {
    fc.assert(
      fc.property(subscriptions, fc.boolean(), (wanted, disjoint) => {
        const set = coveringSet(wanted, { disjoint })
        return set.every((each) => set.every((other) => other === each || !covers(other.filter, each.filter)))
      }),
    )
  })
})
