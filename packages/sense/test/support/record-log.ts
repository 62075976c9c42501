import type { LogFields, Logger } from '@butlerkit/core'

/** One line of a log, as `level message`, with its fields. */
export interface LogLine {
  readonly line: string
  readonly fields: LogFields | undefined
}

/** A logger that keeps what it is told. */
export function recordTo(log: LogLine[]): Logger {
  const at = (level: string) => (message: string, fields?: LogFields) => void log.push({ line: `${level} ${message}`, fields })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
