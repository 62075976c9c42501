import type { Router, RouterKind } from './routers.js'

/** What the standard says, in the plainest way: every filter is asked, level by level. Nothing here is fast, or shared with what is measured. */
export function createBruteForce(filters: readonly string[]): (topicName: string) => number[] {
  const split = filters.map((filter) => filter.split('/'))
  return (topicName) => {
    const levels = topicName.split('/')
    const found: number[] = []
    for (const [value, filter] of split.entries()) if (matches(filter, levels)) found.push(value)
    return found
  }
}

function matches(filter: readonly string[], levels: readonly string[]): boolean {
  if (levels[0]!.startsWith('$') && (filter[0] === '+' || filter[0] === '#')) return false
  for (const [i, level] of filter.entries()) {
    if (level === '#') return true
    if (i >= levels.length || (level !== '+' && level !== levels[i])) return false
  }
  return filter.length === levels.length
}

/** Asks a filled router for each topic name. Returns what it got wrong first, or `undefined`. */
export function findMistake(
  kind: RouterKind,
  router: Router,
  filters: readonly string[],
  topicNames: readonly string[],
  expected: (topicName: string) => readonly number[],
): string | undefined {
  for (const topicName of topicNames) {
    const all = expected(topicName)
    const wanted = kind.answers === 'exact' ? all.filter((value) => filters[value] === topicName) : all
    const answer = answerOf(router, topicName)
    if (typeof answer === 'string') return `${show(topicName)}: throws ${answer}`
    const right = kind.answers === 'one' ? isOneOf(answer, wanted) : sameNumbers(answer, wanted)
    if (!right) return `${show(topicName)}: ${answer.length} of ${wanted.length}${describe(answer, wanted, filters)}`
  }
  return undefined
}

function answerOf(router: Router, topicName: string): readonly number[] | string {
  try {
    return router.match(topicName)
  } catch (error) {
    return error instanceof Error && error.message !== '' ? error.message : 'an error without a message'
  }
}

function isOneOf(answer: readonly number[], wanted: readonly number[]): boolean {
  return answer.length === 0 ? wanted.length === 0 : answer.length === 1 && wanted.includes(answer[0]!)
}

function sameNumbers(answer: readonly number[], wanted: readonly number[]): boolean {
  const sorted = answer.toSorted((a, b) => a - b)
  return sorted.length === wanted.length && sorted.every((value, i) => value === wanted[i])
}

function describe(answer: readonly number[], wanted: readonly number[], filters: readonly string[]): string {
  const missing = wanted.find((value) => !answer.includes(value))
  if (missing !== undefined) return `, without ${show(filters[missing]!)}`
  const extra = answer.find((value) => !wanted.includes(value))
  return extra === undefined ? ', one of them twice' : `, with ${show(filters[extra] ?? '?')}`
}

function show(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text)
}
