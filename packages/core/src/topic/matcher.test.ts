import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTopicMatcher, type TopicMatcher } from './matcher.js'
import { TopicError } from './pattern.js'
import { isTopicFilter, topicMatches } from './topic-filter.js'

/** What a matcher promises, in the fewest words: every filter is asked. */
function bruteForce<V>(): TopicMatcher<V> {
  const entries: { filter: string; value: V }[] = []
  return {
    add: (filter, value) => void entries.push({ filter, value }),
    remove(filter, value) {
      const index = entries.findIndex((entry) => entry.filter === filter && entry.value === value)
      if (index !== -1) entries.splice(index, 1)
      return index !== -1
    },
    match: (topicName) => entries.filter(({ filter }) => topicMatches(filter, topicName)).map(({ value }) => value),
    clear: () => void entries.splice(0),
    get size() {
      return entries.length
    },
  }
}

// Few levels and few values, so that filters overlap, values repeat and branches are left empty. Levels of 3, 4 and 8 bytes end beside a word.
const literal = fc.constantFrom('', 'a', 'b', 'abc', 'abcd', 'abcdefgh', 'ö', '$', '$SYS', '__proto__')
const name = fc.array(literal, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'))
const filter = fc
  .tuple(fc.array(fc.oneof(literal, fc.constant('+')), { maxLength: 4 }), fc.oneof(literal, fc.constantFrom('+', '#')))
  .map(([levels, last]) => [...levels, last].join('/'))
  .filter(isTopicFilter)
const value = fc.integer({ min: 0, max: 3 })

interface Step {
  readonly run: (matcher: TopicMatcher<number>) => unknown
  /** How often in a row. After 2,048 matches without a change a matcher begins to remember. */
  readonly times: number
}
const times = fc.constantFrom(1, 1, 1, 2_100)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(filter, value).map((entry): Step => ({ run: (matcher) => matcher.add(...entry), times: 1 })) },
  { weight: 5, arbitrary: fc.tuple(filter, value).map((entry): Step => ({ run: (matcher) => matcher.remove(...entry), times: 1 })) },
  { weight: 9, arbitrary: fc.tuple(name, times).map(([topicName, n]): Step => ({ run: (matcher) => matcher.match(topicName), times: n })) },
  { weight: 1, arbitrary: fc.constant<Step>({ run: (matcher) => matcher.clear(), times: 1 }) },
)

/** A matcher that has seen enough to remember. */
function calmMatcher(...entries: readonly (readonly [filter: string, value: string])[]): TopicMatcher<string> {
  const matcher = createTopicMatcher<string>()
  for (const entry of entries) matcher.add(...entry)
  for (let i = 0; i < 2_100; i++) matcher.match(`warm/up/${i % 5}`)
  return matcher
}

describe('createTopicMatcher', () => {
  it('does as brute force does, whatever is added, removed and matched', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const matcher = createTopicMatcher<number>()
        const expected = bruteForce<number>()
        for (const { run, times: repeated } of steps) {
          for (let i = 1; i < repeated; i++) run(matcher)
          expect(run(matcher)).toEqual(run(expected))
          expect(matcher.size).toBe(expected.size)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('does as brute force does on all topic names in turn, before and while it remembers', () => {
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 30 }), fc.array(name, { minLength: 1, maxLength: 30 }), (filters, topicNames) => {
        const matcher = createTopicMatcher<number>()
        const expected = bruteForce<number>()
        for (const [i, each] of filters.entries()) {
          matcher.add(each, i)
          expected.add(each, i)
        }
        const answers = topicNames.map((topicName) => expected.match(topicName))
        for (let turn = 0; turn * topicNames.length < 2_500; turn++) {
          expect(topicNames.map((topicName) => matcher.match(topicName))).toEqual(answers)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('gives values in the order they were added, one for each filter they are filed under', () => {
    const matcher = createTopicMatcher<string>()
    matcher.add('a/#', 'first')
    matcher.add('a/b', 'second')
    matcher.add('+/b', 'first')
    matcher.add('a/b', 'second')
    expect(matcher.match('a/b')).toEqual(['first', 'second', 'first', 'second'])
    expect(matcher.size).toBe(4)
  })

  it('takes out the oldest of equal values, and nothing that is not there', () => {
    const matcher = createTopicMatcher<string>()
    matcher.add('a/+', 'twice')
    matcher.add('a/b', 'once')
    matcher.add('a/+', 'twice')
    expect(matcher.remove('a/b', 'twice')).toBe(false)
    expect(matcher.remove('a/b/c', 'once')).toBe(false)
    expect(matcher.remove('a', 'once')).toBe(false)
    expect(matcher.remove('a/#', 'twice')).toBe(false)
    expect(matcher.remove('a/#/b', 'once')).toBe(false)
    expect(matcher.remove('', 'once')).toBe(false)
    expect(matcher.remove('a/+', 'twice')).toBe(true)
    expect(matcher.match('a/b')).toEqual(['once', 'twice'])
    expect(matcher.remove('a/+', 'twice')).toBe(true)
    expect(matcher.remove('a/+', 'twice')).toBe(false)
    expect(matcher.match('a/b')).toEqual(['once'])
  })

  it('files a shared subscription under the filter behind its group', () => {
    const matcher = createTopicMatcher<string>()
    matcher.add('$share/g/a/+', 'shared')
    expect(matcher.match('a/b')).toEqual(['shared'])
    expect(matcher.match('$share/g/a/b')).toEqual([])
    expect(matcher.remove('$share/other/a/+', 'shared')).toBe(true)
  })

  it.each(['', 'a#', '+a', 'a/#/b', 'a\0', '\ud800', '$share/g', '$share//a', 'a'.repeat(65_536)])('refuses %j as a filter', (wrong) => {
    const matcher = createTopicMatcher<string>()
    expect(() => matcher.add(wrong, 'x')).toThrow(expect.objectContaining({ code: 'TOPIC_INVALID' }))
    expect(() => matcher.add(wrong, 'x')).toThrow(TopicError)
    expect(matcher.size).toBe(0)
  })

  it.each([
    ['a', 'a\0'],
    ['a/\ufffd', 'a/\ud800'],
    ['a', '$share//a'],
    ['a', '$share/+/a'],
    ['a/#', 'a/#/b'],
    ['a/+', 'a/+b'],
  ])('keeps %j when %j, which is no filter, is taken out', (filed, wrong) => {
    const matcher = createTopicMatcher<string>()
    matcher.add(filed, 'x')
    expect(matcher.remove(wrong, 'x')).toBe(false)
    expect(matcher.size).toBe(1)
  })

  it('hands out arrays that stay as they are when filters come and go, while it remembers as well', () => {
    const matcher = createTopicMatcher<string>()
    matcher.add('a/b', 'x')
    matcher.add('a/+', 'y')
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 3_000; i++) matcher.match('a/b')
      const values = matcher.match('a/b')
      matcher.remove('a/+', 'y')
      matcher.add('a/b', 'z')
      expect(values).toEqual(['x', 'y'])
      expect(matcher.match('a/b')).toEqual(['x', 'z'])
      matcher.remove('a/b', 'z')
      matcher.add('a/+', 'y')
    }
  })

  it('answers by the filters of the moment, whatever it remembers', () => {
    const matcher = calmMatcher(['a/+', 'x'])
    const answers = () => [1, 2, 3, 4].map(() => matcher.match('a/b').join())
    expect(answers()).toEqual(['x', 'x', 'x', 'x'])
    matcher.add('a/b', 'y')
    for (let i = 0; i < 2_100; i++) matcher.match('c')
    expect(answers()).toEqual(['x,y', 'x,y', 'x,y', 'x,y'])
    matcher.remove('a/+', 'x')
    expect(answers()).toEqual(['y', 'y', 'y', 'y'])
    matcher.clear()
    expect(answers()).toEqual(['', '', '', ''])
  })

  it('keeps what is no topic name from every filter, while it remembers as well', () => {
    const matcher = calmMatcher(['#', 'x'], ['a/+', 'y'])
    for (const wrong of ['', '+', 'a/#', 'a/\0', 'a/\udfff', 'a'.repeat(65_536)]) {
      for (let i = 0; i < 4; i++) expect(matcher.match(wrong)).toEqual([])
    }
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '0', '-1'])(
    'takes %s for a level like any other',
    (word) => {
      const matcher = calmMatcher([`${word}/+`, 'x'], ['a/b', 'y'])
      for (let i = 0; i < 4; i++) {
        expect(matcher.match(`${word}/${word}`)).toEqual(['x'])
        expect(matcher.match(`a/${word}`)).toEqual([])
      }
    },
  )

  it('answers for the deepest and the longest topic names and filters there can be', () => {
    const deepest = '/'.repeat(65_534)
    const longest = 'é'.repeat(32_767)
    const matcher = calmMatcher([deepest, 'deepest'], [`${'+/'.repeat(32_700)}#`, 'many'], [longest, 'longest'], ['+', 'one'], ['#', 'all'])
    for (let i = 0; i < 3; i++) {
      expect(matcher.match(deepest)).toEqual(['deepest', 'many', 'all'])
      expect(matcher.match(longest)).toEqual(['longest', 'one', 'all'])
      expect(matcher.match(`${longest}/`)).toEqual(['all'])
    }
    expect(matcher.remove(deepest, 'deepest')).toBe(true)
    expect(matcher.match(deepest)).toEqual(['many', 'all'])
  })

  it('finds all of 1,024 filters that branch at every level', () => {
    const filters = Array.from({ length: 1_024 }, (_, bits) =>
      Array.from({ length: 10 }, (_level, i) => ((bits >> i) & 1 ? '+' : 'a')).join('/'),
    )
    const matcher = calmMatcher(...filters.map((each) => [each, each] as const))
    for (let i = 0; i < 3; i++) expect(matcher.match('a/a/a/a/a/a/a/a/a/a')).toEqual(filters)
    expect(matcher.match('a/a/a/a/a/a/a/a/a/b')).toHaveLength(512)
  })
})
