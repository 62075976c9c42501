import { describe, expect, it } from 'vitest'
import { isTopicFilter } from './topic-filter.js'
import { isTopicName } from './topic-name.js'

const longest = 'é'.repeat(32_767) + 'x'

describe('isTopicName', () => {
  it.each([
    ['[MQTT-4.7.3-1] an empty one', '', false],
    ['[MQTT-4.7.3-1] a single character', 'a', true],
    ['[MQTT-4.7.3-1] a single separator: two empty levels', '/', true],
    ['[MQTT-4.7.3-2] NUL', 'a\0b', false],
    ['[MQTT-4.7.3-3] 65,535 bytes', 'a'.repeat(65_535), true],
    ['[MQTT-4.7.3-3] 65,536 bytes', 'a'.repeat(65_536), false],
    ['[MQTT-4.7.3-3] 65,535 bytes of two-byte characters', longest, true],
    ['[MQTT-4.7.3-3] 65,536 bytes in 32,768 characters', 'é'.repeat(32_768), false],
    ['[MQTT-4.7.3-3] 65,535 bytes of three-byte characters', '世'.repeat(21_845), true],
    ['[MQTT-4.7.3-3] 65,538 bytes of three-byte characters', '世'.repeat(21_846), false],
    ['[MQTT-4.7.3-3] 65,532 bytes of four-byte characters', '😀'.repeat(16_383), true],
    ['[MQTT-4.7.0-1] a wildcard as a level', 'a/+/b', false],
    ['[MQTT-4.7.0-1] a wildcard within a level', 'a+b', false],
    ['[MQTT-4.7.0-1] a multi-level wildcard', 'a/#', false],
    ['[MQTT-1.5.4-1] a high surrogate alone', 'a/\ud800', false],
    ['[MQTT-1.5.4-1] a low surrogate alone', '\udc00/a', false],
    ['[MQTT-1.5.4-1] surrogates the wrong way round', '\udc00\ud800', false],
    ['[MQTT-1.5.4-1] a pair', 'a/😀', true],
    ['[MQTT-1.5.4-3] U+FEFF', '\ufeffa', true],
    ['U+0001 and U+FFFF, which senders should but need not avoid', '\u0001\uffff', true],
    ['spaces and letter case', 'Accounts payable/ ', true],
    ['a leading $', '$SYS/broker', true],
    ['the look of a shared subscription', '$share/g/a', true],
  ])('%s', (_name, topicName, legal) => {
    expect(isTopicName(topicName)).toBe(legal)
  })

  it.each([[undefined], [null], [1], [['a']], [new String('a')], [Buffer.from('a')]])('refuses what is not a string: %o', (value) => {
    expect(isTopicName(value)).toBe(false)
    expect(isTopicFilter(value)).toBe(false)
  })
})

describe('isTopicFilter', () => {
  it.each([
    ['[MQTT-4.7.1-1] #', '#', true],
    ['[MQTT-4.7.1-1] sport/tennis/#', 'sport/tennis/#', true],
    ['[MQTT-4.7.1-1] sport/tennis#', 'sport/tennis#', false],
    ['[MQTT-4.7.1-1] sport/tennis/#/ranking', 'sport/tennis/#/ranking', false],
    ['[MQTT-4.7.1-1] #/', '#/', false],
    ['[MQTT-4.7.1-1] ##', '##', false],
    ['[MQTT-4.7.1-1] /#', '/#', true],
    ['[MQTT-4.7.1-1] a line break after #', '#\n', false],
    ['[MQTT-4.7.1-2] +', '+', true],
    ['[MQTT-4.7.1-2] +/tennis/#', '+/tennis/#', true],
    ['[MQTT-4.7.1-2] sport+', 'sport+', false],
    ['[MQTT-4.7.1-2] sport/+player', 'sport/+player', false],
    ['[MQTT-4.7.1-2] sport/+/player1', 'sport/+/player1', true],
    ['[MQTT-4.7.1-2] /+', '/+', true],
    ['[MQTT-4.7.1-2] ++', '++', false],
    ['[MQTT-4.7.1-2] +#', '+#', false],
    ['[MQTT-4.7.3-1] an empty one', '', false],
    ['[MQTT-4.7.3-2] NUL', '+/\0', false],
    ['[MQTT-4.7.3-3] 65,536 bytes', '+/' + 'a'.repeat(65_534), false],
    ['[MQTT-1.5.4-1] a surrogate alone', '+/\udfff', false],
    ['[MQTT-4.8.2-1] a group of one character', '$share/g/a', true],
    ['[MQTT-4.8.2-1] an empty group', '$share//a', false],
    ['[MQTT-4.8.2-1] wildcards behind the group', '$share/group/+/a/#', true],
    ['[MQTT-4.8.2-2] + in the group', '$share/g+/a', false],
    ['[MQTT-4.8.2-2] + as the group', '$share/+/a', false],
    ['[MQTT-4.8.2-2] # in the group', '$share/#/a', false],
    ['[MQTT-4.8.2-2] no filter behind the group', '$share/g', false],
    ['[MQTT-4.8.2-2] an empty filter behind the group', '$share/g/', false],
    ['[MQTT-4.8.2-2] a separator as the filter', '$share/g//', true],
    ['[MQTT-4.8.2-2] no group at all', '$share/', false],
    ['[MQTT-4.8.2-2] a misplaced wildcard behind the group', '$share/g/a#', false],
    ['[MQTT-4.8.2-2] the group counts among the bytes', '$share/g/' + 'a'.repeat(65_527), false],
    ['$share as a level of its own', '$share', true],
    ['$shared is no shared subscription', '$shared//a', true],
    ['$SYS/#', '$SYS/#', true],
  ])('%s', (_name, filter, legal) => {
    expect(isTopicFilter(filter)).toBe(legal)
  })
})
