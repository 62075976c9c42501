import { isTopicName, isTopicText } from './topic-name.js'

/**
 * Whether `value` can be subscribed to: 1 to 65,535 bytes of UTF-8, no NUL, no surrogate without its other half, `+` only as a whole level,
 * `#` only as the whole last level. A shared subscription is `$share/<group>/<filter>`, its group one character or more without `/`, `+`, `#`.
 *
 * @see MQTT 5.0, 4.7.1, 4.7.3 and 4.8.2
 */
export function isTopicFilter(value: unknown): value is string {
  if (typeof value !== 'string' || !isTopicText(value)) return false
  if (!isShared(value)) return !misplacedWildcard.test(value)
  const filter = withoutShareGroup(value)
  return filter.length > 0 && !misplacedWildcard.test(filter) && shareGroup.test(value)
}

/**
 * Whether a message on `topicName` is one that a subscription to `filter` asks for. A shared subscription asks for what the filter behind its
 * group asks for. What is no topic filter matches nothing, and what is no topic name is matched by nothing.
 *
 * @see MQTT 5.0, 4.7
 */
export function topicMatches(filter: string, topicName: string): boolean {
  return isTopicFilter(filter) && isTopicName(topicName) && levelsMatch(withoutShareGroup(filter), topicName)
}

/** The filter behind `$share/<group>/`, or the filter itself; empty where the group is followed by nothing. */
export function withoutShareGroup(filter: string): string {
  if (!isShared(filter)) return filter
  const end = filter.indexOf('/', share.length)
  return end === -1 ? '' : filter.slice(end + 1)
}

function isShared(filter: string): boolean {
  // Most filters are told apart by their first character, in a fraction of the time.
  return filter.charCodeAt(0) === dollar && filter.startsWith(share)
}

const dollar = 0x24
const share = '$share/'
const shareGroup = /^\$share\/[^/+#]+\//

// Beside a wildcard stands nothing but a level separator, and after # nothing at all: [MQTT-4.7.1-1], [MQTT-4.7.1-2].
const misplacedWildcard = /[^/][+#]|\+[^/]|#[^]/

/** Compares level by level with one place in each text, so that the deepest topic costs no stack and no copy. */
function levelsMatch(filter: string, topicName: string): boolean {
  // A leading wildcard must not catch $SYS: [MQTT-4.7.2-1].
  if (topicName.charCodeAt(0) === dollar && filter.charCodeAt(0) !== dollar) return false
  let at = 0
  for (let place = 0; ;) {
    const filterEnd = endOfLevel(filter, place)
    const topicEnd = endOfLevel(topicName, at)
    if (filter.startsWith('#', place)) return true
    if (!filter.startsWith('+', place) && !sameLevel(filter, place, filterEnd, topicName, at, topicEnd)) return false
    if (topicEnd === topicName.length) return filterEnd === filter.length || filter.startsWith('/#', filterEnd)
    if (filterEnd === filter.length) return false
    place = filterEnd + 1
    at = topicEnd + 1
  }
}

/** Where the level that starts at `from` ends: at its separator or at the end of the text. */
export function endOfLevel(text: string, from: number): number {
  const end = text.indexOf('/', from)
  return end === -1 ? text.length : end
}

function sameLevel(a: string, aStart: number, aEnd: number, b: string, bStart: number, bEnd: number): boolean {
  const length = aEnd - aStart
  if (bEnd - bStart !== length) return false
  for (let i = 0; i < length; i++) if (a.charCodeAt(aStart + i) !== b.charCodeAt(bStart + i)) return false
  return true
}
