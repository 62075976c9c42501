/** Facts beside a log message. Never secrets: no password, token, webhook URL, key or certificate. */
export type LogFields = Readonly<Record<string, unknown>>

/** Where Butlerkit writes its log. `console` fits as it is, and so do most loggers behind one line. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

const nothing = () => {}

/** Writes nothing. The default everywhere: a library does not write to the console by itself. */
export const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** The same logger with `fields` added to every line; a line's own fields win. */
export function withFields(logger: Logger, fields: LogFields): Logger {
  return {
    debug: (message, more) => logger.debug(message, { ...fields, ...more }),
    info: (message, more) => logger.info(message, { ...fields, ...more }),
    warn: (message, more) => logger.warn(message, { ...fields, ...more }),
    error: (message, more) => logger.error(message, { ...fields, ...more }),
  }
}
