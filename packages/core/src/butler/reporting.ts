import type { EventEmitter } from 'eventemitter3'
import type { Logger } from '../logger.js'
import type { MessageEvents, Report } from '../router/reports.js'
import { logEvent, type ButlerEvents } from './events.js'
import type { MetricsRecorder } from './metrics.js'

/** Where a butler tells what happens: counters, log, events. */
export interface Reporting {
  readonly report: Report
  /** Tells listeners only. */
  emit(event: keyof ButlerEvents, about?: object): void
}

/** @param logger - `undefined` where nobody reads the log, so that no line of it has to be made */
export function createReporting(events: EventEmitter<ButlerEvents>, metrics: MetricsRecorder, logger: Logger | undefined): Reporting {
  return { report, emit }

  function report<K extends keyof MessageEvents>(event: K, ...[about]: MessageEvents[K]): void {
    metrics.count(event, about)
    if ('durationMs' in about) metrics.handlerTook(about.durationMs)
    if (logger) logEvent(logger, event, about)
    emit(event, about)
  }

  // A listener's failure is its own: it must not reach the message that was told of, nor the transport.
  function emit(event: keyof ButlerEvents, about?: object): void {
    try {
      if (events.listenerCount(event) > 0) events.emit(event, about as never)
    } catch (error) {
      logger?.error('a listener threw', { event, error })
    }
  }
}
