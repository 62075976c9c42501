import { ButlerError } from '../errors.js'

/** Thrown by a handler: this message can never be handled. It goes to the dead-letter topic at once, or is dropped, both reported. */
export class Reject extends ButlerError<'REJECTED'> {
  override readonly name = 'Reject'

  /** @param reason - kept with the dead letter */
  constructor(reason: string, options?: ErrorOptions) {
    super('REJECTED', reason, options)
  }
}

/** How long a {@link Retry} asks to wait. */
export interface RetryRequest extends ErrorOptions {
  /** Milliseconds to wait. @defaultValue the route's back-off */
  readonly afterMs?: number
}

/** Thrown by a handler: try again, within the route's attempts (3 where the route names none). */
export class Retry extends ButlerError<'RETRY'> {
  override readonly name = 'Retry'
  readonly afterMs: number | undefined

  constructor(reason: string, options: RetryRequest = {}) {
    super('RETRY', reason, options)
    this.afterMs = options.afterMs
  }
}

/** One of a contract's declared errors: thrown by a handler, and thrown again on the requester's side. */
export class DeclaredError extends ButlerError {
  override readonly name = 'DeclaredError'
  readonly data: unknown

  constructor(code: string, data: unknown, message = `answered with the declared error ${code}`) {
    super(code, message)
    this.data = data
  }

  /** Holds across the ESM and CJS builds, where `instanceof` does not. */
  static isDeclared(value: unknown): value is DeclaredError {
    return ButlerError.is(value) && value.name === 'DeclaredError'
  }
}

/** A handler took longer than its route allows. */
export class HandlerTimeoutError extends ButlerError<'HANDLER_TIMEOUT'> {
  override readonly name = 'HandlerTimeoutError'

  constructor(timeoutMs: number) {
    super('HANDLER_TIMEOUT', `handler took longer than ${timeoutMs} ms`)
  }
}
