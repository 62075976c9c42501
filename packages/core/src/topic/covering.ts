import type { QoS, Subscription } from '../transport/transport.js'

/** Whether every topic name that `narrow` matches is matched by `wide` too. Both are topic filters. */
export function covers(wide: string, narrow: string): boolean {
  return coversLevels(wide.split('/'), narrow.split('/'))
}

/**
 * The least set of subscriptions that brings every message the given ones would: what another one covers is left out, and the one that
 * covers takes the highest quality of service of both.
 *
 * Filters can still overlap without one covering the other (`a/+` and `+/b`), and a broker may then send one message for each
 * (MQTT 5.0, section 3.3.4). With `disjoint`, such filters are joined into one that covers both (`+/+`), which may bring more messages
 * than asked for: for transports whose messages do not tell by which subscription they came.
 */
export function coveringSet(subscriptions: readonly Subscription[], { disjoint = false } = {}): readonly Subscription[] {
  let set: Filter[] = []
  for (const { filter, qos } of subscriptions) set = include(set, { levels: filter.split('/'), qos }, disjoint)
  return set.map(({ levels, qos }) => ({ filter: levels.join('/'), qos }))
}

interface Filter {
  readonly levels: readonly string[]
  readonly qos: QoS
}

function include(set: readonly Filter[], added: Filter, disjoint: boolean): Filter[] {
  const cover = set.findIndex(({ levels }) => coversLevels(levels, added.levels))
  if (cover !== -1) return set.map((each, index) => (index === cover ? { ...each, qos: higher(each.qos, added.qos) } : each))
  const covered = (each: Filter) => coversLevels(added.levels, each.levels)
  const wide = { levels: added.levels, qos: set.filter(covered).reduce((qos, each) => higher(qos, each.qos), added.qos) }
  const rest = set.filter((each) => !covered(each))
  const overlapping = disjoint ? rest.find(({ levels }) => overlaps(levels, wide.levels)) : undefined
  if (overlapping === undefined) return [...rest, wide]
  // What covers both may overlap or cover others in turn.
  const joined = { levels: join(overlapping.levels, wide.levels), qos: higher(overlapping.qos, wide.qos) }
  return include(
    rest.filter((each) => each !== overlapping),
    joined,
    true,
  )
}

function coversLevels(wide: readonly string[], narrow: readonly string[]): boolean {
  // A leading wildcard does not reach topic names that begin with $: MQTT 5.0, section 4.7.2.
  if (isWildcard(wide[0]) && narrow[0]?.startsWith('$')) return false
  for (let index = 0; ; index += 1) {
    const [level, other] = [wide[index], narrow[index]]
    if (level === '#') return true
    if (level === undefined || other === undefined) {
      // `a/#` matches `a` as well: MQTT 5.0, section 4.7.1.2.
      return level === other || (other === undefined && level === '#')
    }
    if (level !== other && (level !== '+' || other === '#')) return false
  }
}

function overlaps(a: readonly string[], b: readonly string[]): boolean {
  if ((isWildcard(a[0]) && b[0]?.startsWith('$')) || (isWildcard(b[0]) && a[0]?.startsWith('$'))) return false
  for (let index = 0; ; index += 1) {
    const [left, right] = [a[index], b[index]]
    if (left === '#' || right === '#') return true
    if (left === undefined || right === undefined) return left === right
    if (left !== right && left !== '+' && right !== '+') return false
  }
}

function join(a: readonly string[], b: readonly string[]): string[] {
  const joined: string[] = []
  for (let index = 0; ; index += 1) {
    const [left, right] = [a[index], b[index]]
    if (left === undefined && right === undefined) return joined
    if (left === undefined || right === undefined || left === '#' || right === '#') return [...joined, '#']
    joined.push(left === right ? left : '+')
  }
}

function isWildcard(level: string | undefined): boolean {
  return level === '+' || level === '#'
}

function higher(a: QoS, b: QoS): QoS {
  return a > b ? a : b
}
