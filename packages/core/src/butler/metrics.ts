import { channel, type Channel } from 'node:diagnostics_channel'
import type { MessageEvents } from '../router/reports.js'
import type { Workload } from '../router/workload.js'

/** How often each thing has happened since the butler was made. */
export type ButlerCounters = Readonly<Record<'received' | keyof MessageEvents, number>>

/** Counters and timings, as data. Each event is also published on the diagnostics channel `butlerkit:<event>`. */
export interface ButlerMetrics {
  readonly counters: ButlerCounters
  /** How long handlers took, answer included, in milliseconds. */
  readonly handlerMs: { readonly count: number; readonly total: number; readonly max: number }
  /** Messages and `waitUntil` works not done at this moment. */
  readonly inWork: number
  /** Of these, the ones that do something: neither waiting for their next run nor for their turn. */
  readonly active: number
}

/** Keeps a butler's counters. */
export interface MetricsRecorder {
  count(event: keyof ButlerCounters, report: object): void
  handlerTook(ms: number): void
  read(workload: Pick<Workload, 'size' | 'active'>): ButlerMetrics
}

export function createMetrics(): MetricsRecorder {
  const counters: Record<keyof ButlerCounters, number> = {
    received: 0,
    unmatched: 0,
    handled: 0,
    invalid: 0,
    deduplicated: 0,
    retried: 0,
    failed: 0,
    deadLettered: 0,
    abandoned: 0,
  }
  const channels = Object.fromEntries(Object.keys(counters).map((event) => [event, channel(`butlerkit:${event}`)])) as Readonly<
    Record<keyof ButlerCounters, Channel>
  >
  const handlerMs = { count: 0, total: 0, max: 0 }

  return {
    count(event, report) {
      counters[event] += 1
      if (channels[event].hasSubscribers) channels[event].publish(report)
    },
    handlerTook(ms) {
      handlerMs.count += 1
      handlerMs.total += ms
      handlerMs.max = Math.max(handlerMs.max, ms)
    },
    read: ({ size, active }) => ({ counters: { ...counters }, handlerMs: { ...handlerMs }, inWork: size, active }),
  }
}
