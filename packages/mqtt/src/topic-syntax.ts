/** Longest topic name or filter: its length is two bytes on the wire (MQTT 5.0, section 4.7.3). */
const maxTopicBytes = 65_535

/**
 * What keeps a text from being a topic name, or `undefined` when nothing does: at least one character, at most 65,535 bytes of
 * UTF-8, no wildcard, no U+0000, no lone surrogate.
 *
 * @see MQTT 5.0, sections 4.7.1, 4.7.3 and 1.5.4
 */
export function topicNameFault(topic: string): string | undefined {
  if (typeof topic === 'string' && /[+#]/.test(topic)) return 'holds a wildcard'
  return textFault(topic)
}

/** What keeps a text from being a topic filter, or `undefined`: as a topic name, but `+` fills a level and `#` the last one. */
export function topicFilterFault(filter: string): string | undefined {
  if (typeof filter === 'string' && /[^/][+#]|\+[^/]|#./s.test(filter))
    return 'has a wildcard that does not fill its level, or # before the end'
  return textFault(filter)
}

function textFault(text: string): string | undefined {
  if (typeof text !== 'string') return 'is not a text'
  if (text === '') return 'is empty'
  if (text.includes('\0')) return 'holds U+0000'
  if (/\p{Surrogate}/u.test(text)) return 'holds a lone surrogate'
  // A UTF-16 unit is at most three bytes, so that most topics need no counting.
  if (text.length * 3 > maxTopicBytes && Buffer.byteLength(text) > maxTopicBytes) return `is longer than ${maxTopicBytes} bytes`
  return undefined
}
