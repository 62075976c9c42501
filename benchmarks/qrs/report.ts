import { others, ours } from './clients.js'
import type { Result } from './race.js'

/** A table of one race. */
export function report(results: readonly Result[]): string {
  const rows = results.map(({ name, requestsPerSecond, p99Ms, cpuPerRequest, ratio }) => [
    name,
    requestsPerSecond.toFixed(0),
    p99Ms.toFixed(1),
    cpuPerRequest.toFixed(0),
    ratio.requestsPerSecond.toFixed(2),
    ratio.p99.toFixed(2),
    ratio.cpu.toFixed(2),
  ])
  const head = ['client', 'req/s', 'p99 ms', 'CPU µs', '× undici', '× its p99', '× its CPU']
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ')
  return [head, ...rows].map(line).join('\n')
}

/** Says of each goal whether it is met, and gives whether all are. */
export function isMet(results: readonly Result[], concurrency: number): boolean {
  const of = (name: string) => results.find((each) => each.name === name)!
  const perSecond = (name: string) => of(name).ratio.requestsPerSecond
  const goals: [what: string, value: number, met: boolean][] = [
    ['without schemas, of bare undici (at least 0.95)', perSecond(ours.plain), perSecond(ours.plain) >= 0.95],
    atLeast('every item checked, of qrs-interact (at least 1)', perSecond(ours.checked) / perSecond(others.qrsInteract), 1),
    atLeast("every item checked, of Butler's way (at least 8)", perSecond(ours.checked) / perSecond(others.butlersWay), 8),
    ['p99 without schemas, of bare undici (at most 1.1)', of(ours.plain).ratio.p99, of(ours.plain).ratio.p99 <= 1.1],
  ]
  for (const [what, value, met] of goals) console.log(`${met ? 'met   ' : 'missed'}  ${value.toFixed(2)}  ${what}, ${concurrency} at once`)
  return goals.every(([, , met]) => met)
}

function atLeast(what: string, value: number, goal: number): [string, number, boolean] {
  return [what, value, value >= goal]
}
