import { describe, expect, it } from 'vitest'
import { topicFilterFault, topicNameFault } from './topic-syntax.js'

describe('topicNameFault', () => {
  it.each(['a', '/', 'a//b', ' ', '$SYS/x', 'å/日本/🦉', 'x'.repeat(65_535), '__proto__'])('allows %.40j', (topic) => {
    expect(topicNameFault(topic)).toBeUndefined()
  })

  it.each([
    ['', 'is empty'],
    ['a/+', 'holds a wildcard'],
    ['a/b#', 'holds a wildcard'],
    ['a\0b', 'holds U+0000'],
    ['a\uD800', 'holds a lone surrogate'],
    ['\uDC00a', 'holds a lone surrogate'],
    ['x'.repeat(65_536), 'is longer than 65535 bytes'],
    ['日'.repeat(21_846), 'is longer than 65535 bytes'],
    [undefined as never, 'is not a text'],
  ])('refuses %.40j: %s', (topic, fault) => {
    expect(topicNameFault(topic)).toBe(fault)
  })
})

describe('topicFilterFault', () => {
  it.each(['a', '+', '#', '/', '+/+', 'a/+/b', 'a/#', '+/#', '/#', '$share/group/a/+/#', '日'.repeat(21_845)])('allows %.40j', (filter) => {
    expect(topicFilterFault(filter)).toBeUndefined()
  })

  it.each(['', 'a+', '+a', 'a/+b/c', 'a#', '#/a', 'a/#/b', '##', '++', '#\n', 'a\0', 'a\uD800', '日'.repeat(21_846)])(
    'refuses %.40j',
    (filter) => {
      expect(topicFilterFault(filter)).toBeTypeOf('string')
    },
  )
})
