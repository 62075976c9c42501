import { createBruteForce, findMistake } from './brute-force.js'
import type { RouterKind } from './routers.js'

/** What MQTT 5.0, 4.7 asks for and routers get wrong, apart from the workloads: one filter and the topic names to try it with. */
const cases: readonly (readonly [rule: string, filter: string, topicNames: readonly string[]])[] = [
  ['# keeps off $SYS', '#', ['$SYS/broker', 'a']],
  ['+ keeps off $SYS', '+/broker', ['$SYS/broker', 'a/broker']],
  ['a/# matches a', 'a/#', ['a', 'a/', 'a/b/c', 'ab']],
  ['+ matches an empty level', 'a/+/b', ['a//b', 'a/x/b']],
  ['+ is one level, never none', 'a/+', ['a', 'a/', 'a/b', 'a/b/c']],
  ['a leading / is a level', '/a', ['/a', 'a']],
  ['a trailing / is a level', 'a/', ['a/', 'a']],
  ['names of Object.prototype', '+/b', ['__proto__/b', 'constructor/b']],
  ['two # overlap', '+/#', ['a', 'a/b', '/']],
  ['letter case', 'A/b', ['A/b', 'a/b']],
  [':x and {x} are literals', 'a/:x', ['a/:x', 'a/y']],
  ['200 levels', `${'a/'.repeat(199)}+`, ['a/'.repeat(199)]],
]

/** The rules of MQTT that a router breaks; none for the ceiling, which promises none. */
export function brokenRules(kind: RouterKind): string[] {
  if (kind.answers === 'exact') return []
  return cases.filter(([, filter, topicNames]) => breaks(kind, filter, topicNames)).map(([rule]) => rule)
}

function breaks(kind: RouterKind, filter: string, topicNames: readonly string[]): boolean {
  const router = kind.create()
  try {
    router.add(filter, 0)
  } catch {
    return true
  }
  return findMistake(kind, router, [filter], topicNames, createBruteForce([filter])) !== undefined
}
