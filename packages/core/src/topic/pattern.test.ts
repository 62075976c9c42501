import { describe, expect, it } from 'vitest'
import { topic } from './topic.js'

describe('a topic pattern', () => {
  it.each([
    ['a/b', 'a/b'],
    ['a/+site/#rest', 'a/+/#'],
    ['+/#', '+/#'],
    ['#all', '#'],
    ['$SYS/+name', '$SYS/+'],
    ['/+a//b/', '/+//b/'],
    ['a/{site}', 'a/{site}'],
  ])('%s subscribes to %s', (pattern, filter) => {
    expect(topic(pattern).filter).toBe(filter)
  })

  it.each([
    ['', 'cannot be empty'],
    ['a/b+c', 'fill the whole level, not "b+c"'],
    ['a/+b+c', 'one wildcard per level, not "+b+c"'],
    ['a/+b#', 'must be the last level and fill it, not "+b#"'],
    ['#a/b', 'must be the last level and fill it, not "#a"'],
    ['a/b#', 'must be the last level and fill it, not "b#"'],
    ['#a+', 'one wildcard per level, not "#a+"'],
    ['+a/+a', 'parameter "a" is used twice'],
    ['+a/#a', 'parameter "a" is used twice'],
    ['a\0b', 'cannot hold NUL'],
  ])('%j is refused: %s', (pattern, reason) => {
    expect(() => topic(pattern)).toThrow(expect.objectContaining({ code: 'TOPIC_INVALID', message: expect.stringContaining(reason) }))
  })

  it.each([
    ['a/+site/#rest', 'a/lab/x/y', { site: 'lab', rest: ['x', 'y'] }],
    ['a/#rest', 'a', { rest: [] }],
    ['a/#rest', 'a/', { rest: [''] }],
    ['a/+site', 'a/', { site: '' }],
    ['+a/+b', '/', { a: '', b: '' }],
    ['#all', 'a/b', { all: ['a', 'b'] }],
    ['$SYS/+name', '$SYS/uptime', { name: 'uptime' }],
    ['+__proto__/+constructor', 'x/y', { ['__proto__']: 'x', constructor: 'y' }],
  ])('%s captures from %s', (pattern, name, params) => {
    const captured = topic(pattern).match(name)
    expect(Object.entries(captured ?? {})).toEqual(Object.entries(params))
  })

  it.each([
    ['a/+site', 'a'],
    ['a/+site', 'a/b/c'],
    ['a/b', 'a/b/'],
    ['a/b', 'a'],
    ['a/#rest', 'ab'],
    ['a', ''],
  ])('%s does not match %s', (pattern, name) => {
    expect(topic(pattern).match(name)).toBeUndefined()
  })

  it.each(['+x/monitor', '#all', '+x'])('%s keeps a leading wildcard away from $SYS [MQTT-4.7.2-1]', (pattern) => {
    expect(topic(pattern).match('$SYS/monitor') ?? topic(pattern).match('$SYS')).toBeUndefined()
  })
})

describe('filling a pattern', () => {
  it('gives the topic name', () => {
    expect(topic('a/+site/+n/#rest').build({ site: 'lab', n: 'x', rest: ['p', 'q'] })).toBe('a/lab/x/p/q')
    expect(topic('a/#rest').build({ rest: [] })).toBe('a')
  })

  it.each([
    ['a/+site', {}, 'parameter "site" is missing'],
    ['a/+site', { site: 'x/y' }, 'holds "/"'],
    ['a/+site', { site: 'x+' }, 'holds "+"'],
    ['a/+site', { site: '#' }, 'holds "#"'],
    ['a/+site', { site: '\0' }, 'holds "\\u0000"'],
    ['a/+site', { site: {} }, 'is not a string'],
    ['a/#rest', { rest: 'x' }, 'must be an array of levels'],
    ['a/#rest', { rest: ['x', 'y/z'] }, 'holds "/"'],
    ['a/+', {}, 'without a name'],
  ])('%s with %j is refused: %s', (pattern, params, reason) => {
    expect(() => topic(pattern).build(params as never)).toThrow(
      expect.objectContaining({ code: 'TOPIC_PARAM_INVALID', message: expect.stringContaining(reason) }),
    )
  })
})
