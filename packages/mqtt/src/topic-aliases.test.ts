import { expect, it } from 'vitest'
import { createTopicAliases } from './topic-aliases.js'

it('gives each topic name a number of its own, and keeps to it', () => {
  const aliases = createTopicAliases()
  aliases.reset(2)
  expect(aliases.knows('a')).toBe(false)
  expect([aliases.use('a'), aliases.use('b'), aliases.use('a')]).toEqual([1, 2, 1])
  expect([aliases.knows('a'), aliases.knows('b')]).toEqual([true, true])
})

it('takes the number of the topic name used longest ago when there are no more', () => {
  const aliases = createTopicAliases()
  aliases.reset(2)
  for (const topic of ['a', 'b', 'a']) aliases.use(topic)
  expect(aliases.use('c')).toBe(2)
  expect([aliases.knows('a'), aliases.knows('b'), aliases.knows('c')]).toEqual([true, false, true])
})

it('knows none where the broker takes none, and none of an earlier connection', () => {
  const aliases = createTopicAliases()
  expect([aliases.use('a'), aliases.knows('a')]).toEqual([0, false])
  aliases.reset(1)
  aliases.use('a')
  aliases.reset(1)
  expect(aliases.knows('a')).toBe(false)
})
