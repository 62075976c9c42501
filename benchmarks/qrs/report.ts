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

/** What we hold ourselves to, and how one race met it. */
export interface Goal {
  readonly what: string
  readonly value: number
  readonly isMet: boolean
}

/** Holds one race against the goals. */
export function judge(results: readonly Result[]): Goal[] {
  const of = (name: string) => results.find((each) => each.name === name)!.ratio
  const perSecond = (name: string) => of(name).requestsPerSecond
  return [
    atLeast(0.95, 'without schemas, of bare undici', perSecond(ours.plain)),
    atLeast(1, 'every item checked, of qrs-interact', perSecond(ours.checked) / perSecond(others.qrsInteract)),
    atLeast(8, "every item checked, of Butler's way", perSecond(ours.checked) / perSecond(others.butlersWay)),
    atMost(1.1, 'p99 without schemas, of bare undici', of(ours.plain).p99),
    atMost(1.1, 'p99 every item checked, of bare undici', of(ours.checked).p99),
  ]
}

function atLeast(goal: number, what: string, value: number): Goal {
  return { what: `${what} (at least ${goal})`, value, isMet: value >= goal }
}

function atMost(goal: number, what: string, value: number): Goal {
  return { what: `${what} (at most ${goal})`, value, isMet: value <= goal }
}
