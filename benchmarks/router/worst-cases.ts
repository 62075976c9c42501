import type { Workload } from './workloads.js'

/** What hurts routers: trees that branch, deep topics, crowded filters, crowded levels, long levels, text that is not ASCII. */
export const worstCases: readonly (() => Workload)[] = [
  () => once('{a,+}^10/end, no match', branching('end'), ['a/'.repeat(10) + 'start']),
  () => fresh('{a,+}^10/+, fresh', branching('+'), (i) => `${'a/'.repeat(10)}${i}`),
  () => once('30 levels, 60 matches', deep(), [levels(30)]),
  () => fresh('30 levels, fresh', deep(), (i) => `${levels(29)}/${i}`),
  () => once('1,000 on a/b and a/+', crowd('a/b', 'a/+'), ['a/b']),
  () => fresh('1,000 on a/+ and a/#, fresh', crowd('a/+', 'a/#'), (i) => `a/${i}`),
  () => once('1,000 on a/b', crowd('a/b'), ['a/b']),
  () => inTurn('50,000 ids in turn', 50_000, (i) => `device/${10_000_000 + i * 17}/state`),
  () =>
    inTurn('400-character levels', 20, (i) =>
      Array.from({ length: 5 }, (_, level) => `${level}`.padEnd(399, 'x') + String.fromCodePoint(97 + i)).join('/'),
    ),
  () =>
    fresh(
      '400-character, fresh',
      ['+/+/+', `${'y'.repeat(400)}/#`],
      (i) => `${String(i).padEnd(400, 'x')}/${'y'.repeat(400)}/${'z'.repeat(400)}`,
      50_000,
    ),
  () =>
    fresh('not ASCII, fresh', ['工厂/+/温度', '工厂/#', 'värme/+/läge'], (i) =>
      i % 2 === 0 ? `工厂/机器-${i}/温度` : `värme/pump-${i}/läge`,
    ),
  () => fresh('nobody asked, fresh', deep(), (i) => `elsewhere/${i}/${i}/value`),
]

function once(name: string, filters: readonly string[], topics: readonly string[]): Workload {
  return { name, filters, topics: topics.map((topic) => Buffer.from(topic)) }
}

/** No topic name comes again before all others have come. */
function fresh(name: string, filters: readonly string[], topicAt: (index: number) => string, count = 200_000): Workload {
  return { name, filters, topics: Array.from({ length: count }, (_, i) => Buffer.from(topicAt(i))) }
}

/** As many exact filters, each asked for in turn. */
function inTurn(name: string, count: number, topicAt: (index: number) => string): Workload {
  const topics = Array.from({ length: count }, (_, i) => topicAt(i))
  return { name, filters: topics, topics: topics.map((topic) => Buffer.from(topic)) }
}

/** The 1,024 ways to write ten levels with `a` or `+`, and a last one. */
function branching(last: string): string[] {
  return Array.from(
    { length: 1_024 },
    (_, bits) => `${Array.from({ length: 10 }, (_level, i) => ((bits >> i) & 1 ? '+' : 'a')).join('/')}/${last}`,
  )
}

function levels(count: number): string {
  return Array.from({ length: count }, (_, i) => `level${i}`).join('/')
}

/** Sixty filters that all match a topic name of 30 levels: at each depth one with `#`, and one with `+` before it. */
function deep(): string[] {
  return Array.from({ length: 30 }, (_, i) => i).flatMap((i) => [`${levels(i + 1)}/#`, i === 0 ? '+/#' : `${levels(i)}/+/#`])
}

function crowd(...filters: readonly string[]): string[] {
  return Array.from({ length: 1_000 }, (_, i) => filters[i % filters.length]!)
}
