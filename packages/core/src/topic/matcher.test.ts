import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTopicMatcher, type TopicMatcher } from './matcher.js'
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

type Step = (matcher: TopicMatcher<number>) => unknown
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(filter, value).map<Step>((entry) => (matcher) => matcher.add(...entry)) },
  { weight: 5, arbitrary: fc.tuple(filter, value).map<Step>((entry) => (matcher) => matcher.remove(...entry)) },
  { weight: 9, arbitrary: name.map<Step>((topicName) => (matcher) => matcher.match(topicName)) },
  { weight: 1, arbitrary: fc.constant<Step>((matcher) => matcher.clear()) },
)

describe('createTopicMatcher', () => {
  it('does as the brute-force matcher does, whatever is added, removed and matched', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const matcher = createTopicMatcher<number>()
        const expected = bruteForce<number>()
        for (const run of steps) {
          expect(run(matcher)).toEqual(run(expected))
          expect(matcher.size).toBe(expected.size)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
