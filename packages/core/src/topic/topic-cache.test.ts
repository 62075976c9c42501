import { describe, expect, it } from 'vitest'
import { TopicCache } from './topic-cache.js'

/** What a matcher does with the cache; the answer is the topic name itself. */
function ask(cache: TopicCache<string>, topicName: string): 'known' | 'new' {
  const known = cache.get(topicName)
  if (known === undefined) cache.set(topicName, [topicName])
  else if (known.length !== 1 || known[0] !== topicName) throw new Error(`the answer for ${topicName} is ${known.join()}`)
  return known === undefined ? 'new' : 'known'
}

function knownOf(cache: TopicCache<string>, topicNames: readonly string[]): number {
  return topicNames.filter((topicName) => ask(cache, topicName) === 'known').length
}

function names(count: number, prefix = 'device'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}/${i}/state`)
}

describe('TopicCache', () => {
  it('knows a topic name from its third coming on', () => {
    const cache = new TopicCache<string>()
    expect(['a/b', 'a/b', 'a/b', 'a/b'].map((name) => ask(cache, name))).toEqual(['new', 'new', 'known', 'known'])
  })

  it('makes room until names that come in turn are nearly all known', () => {
    const cache = new TopicCache<string>()
    const turn = names(5_000)
    for (let i = 0; i < 60; i++) knownOf(cache, turn)
    expect(knownOf(cache, turn)).toBeGreaterThan(4_500)
  })

  it('looks closer at names that look alike', () => {
    const cache = new TopicCache<string>()
    // They differ in two characters only, and a look at every sixth passes over both.
    const alike = Array.from(
      { length: 400 },
      (_, i) => `${'x'.repeat(80)}${String.fromCodePoint(65 + (i % 20), 65 + Math.floor(i / 20))}/state`,
    )
    for (let i = 0; i < 1_000; i++) knownOf(cache, alike)
    expect(knownOf(cache, alike)).toBeGreaterThan(380)
  })

  it('keeps its size and what it knows through a flood of names that come once', () => {
    const cache = new TopicCache<string>()
    const known = names(50)
    for (let i = 0; i < 4; i++) knownOf(cache, known)
    const before = known.filter((name) => cache.get(name) !== undefined)
    expect(before.length).toBeGreaterThan(40)
    knownOf(cache, names(10_000, 'flood'))
    expect(cache.size).toBe(256)
    expect(knownOf(cache, before)).toBe(before.length)
  })

  it('steps aside when few names come again, and tries again after a while', () => {
    const cache = new TopicCache<string>()
    for (let i = 0; i < 3; i++) ask(cache, 'a/b')
    knownOf(cache, names(40_000, 'flood'))
    expect([1, 2, 3].map(() => ask(cache, 'a/b'))).toEqual(['new', 'new', 'new'])
    for (let i = 0; i < 5_000_000; i++) cache.get('a/b')
    expect([1, 2, 3].map(() => ask(cache, 'a/b'))).toContain('known')
  })

  it('never holds more than 65,536 names, however many come again', () => {
    const cache = new TopicCache<string>()
    for (const name of names(300_000)) for (let i = 0; i < 3; i++) ask(cache, name)
    expect(cache.size).toBeLessThanOrEqual(65_536)
  })

  it('never holds more than 524,288 values', () => {
    const cache = new TopicCache<number>()
    const crowd = Array.from({ length: 10_000 }, (_, i) => i)
    for (const name of names(1_000)) {
      for (let i = 0; i < 3; i++) if (cache.get(name) === undefined) cache.set(name, crowd)
    }
    expect(cache.valuesHeld).toBeLessThanOrEqual(524_288)
    expect(cache.valuesHeld).toBeGreaterThan(500_000)
  })

  it('leaves out topic names of 128 characters and more', () => {
    const cache = new TopicCache<string>()
    expect([1, 2, 3, 4].map(() => ask(cache, 'x'.repeat(128)))).toEqual(['new', 'new', 'new', 'new'])
    expect([1, 2, 3].map(() => ask(cache, 'x'.repeat(127)))).toEqual(['new', 'new', 'known'])
  })
})
