import { describe, expect, it } from 'vitest'
import { createTopicMatcher } from './matcher.js'
import { isTopicFilter, topicMatches } from './topic-filter.js'

/** Filter, topic name, whether they match: the examples of the standard first. */
const conformance: readonly (readonly [rule: string, filter: string, topicName: string, matches: boolean])[] = [
  ['[MQTT-4.7.1-1]', 'sport/tennis/player1/#', 'sport/tennis/player1', true],
  ['[MQTT-4.7.1-1]', 'sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
  ['[MQTT-4.7.1-1]', 'sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
  ['[MQTT-4.7.1-1]', 'sport/#', 'sport', true],
  ['[MQTT-4.7.1-1]', 'sport/#', 'sports', false],
  ['[MQTT-4.7.1-1]', 'sport/#', 'sport/', true],
  ['[MQTT-4.7.1-1]', '#', 'a', true],
  ['[MQTT-4.7.1-1]', '#', '/', true],
  ['[MQTT-4.7.1-1]', '/#', '/', true],
  ['[MQTT-4.7.1-1]', '/#', 'a', false],
  ['[MQTT-4.7.1-1]', '+/#', 'a', true],
  ['[MQTT-4.7.1-1]', 'a/+/#', 'a', false],
  ['[MQTT-4.7.1-1]', 'a/+/#', 'a/', true],
  ['[MQTT-4.7.1-2]', 'sport/tennis/+', 'sport/tennis/player1', true],
  ['[MQTT-4.7.1-2]', 'sport/tennis/+', 'sport/tennis/player1/ranking', false],
  ['[MQTT-4.7.1-2]', 'sport/+', 'sport', false],
  ['[MQTT-4.7.1-2]', 'sport/+', 'sport/', true],
  ['[MQTT-4.7.1-2]', '+/+', '/finance', true],
  ['[MQTT-4.7.1-2]', '/+', '/finance', true],
  ['[MQTT-4.7.1-2]', '+', '/finance', false],
  ['[MQTT-4.7.1-2]', '+/+', '/', true],
  ['[MQTT-4.7.1-2]', '+', '/', false],
  ['[MQTT-4.7.2-1]', '#', '$SYS/broker', false],
  ['[MQTT-4.7.2-1]', '+/broker', '$SYS/broker', false],
  ['[MQTT-4.7.2-1]', '+/#', '$', false],
  ['[MQTT-4.7.2-1]', '$SYS/#', '$SYS/broker', true],
  ['[MQTT-4.7.2-1]', '$SYS/#', '$SYS', true],
  ['[MQTT-4.7.2-1]', '$SYS/+', '$SYS/broker', true],
  ['[MQTT-4.7.2-1]', '+/+', 'a/$SYS', true],
  ['[MQTT-4.7.2-1]', '#', '/$SYS', true],
  ['[MQTT-4.7.3-1]', 'a//b', 'a//b', true],
  ['[MQTT-4.7.3-1]', 'a/+/b', 'a//b', true],
  ['[MQTT-4.7.3-1]', 'a/b', 'a//b', false],
  ['[MQTT-4.7.3-1]', '/a', 'a', false],
  ['[MQTT-4.7.3-1]', 'a', 'a/', false],
  ['[MQTT-4.7.3-4]', 'ACCOUNTS', 'Accounts', false],
  ['[MQTT-4.7.3-4]', 'Á', 'A\u0301', false],
  ['[MQTT-4.7.3-4]', 'Accounts payable', 'Accounts payable', true],
  ['[MQTT-4.8.2-1]', '$share/g/a/+', 'a/b', true],
  ['[MQTT-4.8.2-1]', '$share/g/#', '$SYS/a', false],
  ['[MQTT-4.8.2-1]', '$share/g/$SYS/#', '$SYS/a', true],
  ['[MQTT-4.8.2-1]', '$share/g/a', '$share/g/a', false],
  ['[MQTT-4.8.2-2]', '$share/g', '$share/g', false],
  ['no topic filter', 'a/b#', 'a/b', false],
  ['no topic filter', '', 'a', false],
  ['no topic name', 'a/+', 'a/+', false],
  ['no topic name', '#', 'a/#', false],
  ['no topic name', '#', '', false],
  ['no topic name', '#', 'a\0', false],
  ['no topic name', 'a/#', 'a/\ud800', false],
]

const routers = {
  topicMatches,
  createTopicMatcher: (filter: string, topicName: string) => {
    const matcher = createTopicMatcher<string>()
    if (isTopicFilter(filter)) matcher.add(filter, filter)
    return matcher.match(topicName).length === 1
  },
}

describe.each(Object.entries(routers))('%s', (_name, matches) => {
  it.each(conformance)('%s %j on %j: %j', (_rule, filter, topicName, expected) => {
    expect(matches(filter, topicName)).toBe(expected)
  })

  it('answers for 65,535 empty levels', () => {
    const deepest = '/'.repeat(65_534)
    expect(matches('/'.repeat(65_500) + '/#', deepest)).toBe(true)
    expect(matches('+' + '/+'.repeat(32_766), deepest)).toBe(false)
    expect(matches(deepest, deepest)).toBe(true)
  })
})
