import type { Logger } from '../logger.js'
import { ButlerError, messageOf } from '../errors.js'
import type { SchemaError } from '../schema.js'
import type { MessageEvents } from '../router/reports.js'
import type { TransportHealth } from '../transport/transport.js'

/** What a butler tells whoever listens. One object each; names are in the past tense. */
export interface ButlerEvents extends MessageEvents {
  started: []
  stopped: []
  /** A transport connected, lost its connection or failed. */
  healthChanged: [report: { readonly transport: string; readonly health: TransportHealth }]
}

type LogLine = { readonly [K in keyof MessageEvents]: (log: Logger, report: MessageEvents[K][0]) => void }

const logLines: LogLine = {
  handled: (log, report) => log.debug('message handled', { ...report }),
  invalid: (log, { error, ...report }) =>
    log.warn('message refused', {
      ...report,
      ...(ButlerError.is(error, 'SCHEMA_MISMATCH') ? { issues: (error as SchemaError).issues } : { reason: messageOf(error) }),
    }),
  deduplicated: (log, report) => log.debug('message handled before', { ...report }),
  retried: (log, report) => log.warn('message failed, another run follows', { ...report }),
  failed: (log, report) => log.error('message failed', { ...report }),
  deadLettered: (log, report) => log.error('message dead-lettered', { ...report }),
  abandoned: (log, report) => log.warn('message not done: the butler stopped first', { ...report }),
  unmatched: (log, report) => log.debug('message without a route', { ...report }),
}

/** Writes the event's line to the log. */
export function logEvent<K extends keyof LogLine>(log: Logger, event: K, report: MessageEvents[K][0]): void {
  logLines[event](log, report)
}
