import { ButlerError } from '@butlerkit/core'

/** What can be wrong with the client itself rather than with an answer. */
export type SenseErrorCode = 'SENSE_OPTION' | 'SENSE_CLOSED' | 'SENSE_CERTIFICATE' | 'SENSE_ID'

/** An option, an id or a certificate cannot be used, or the client was used after `close`. */
export class SenseError extends ButlerError<SenseErrorCode> {
  override readonly name = 'SenseError'
}

/** A value cannot stand in a QRS filter. The value itself is not kept. */
export class FilterError extends ButlerError<'QRS_FILTER'> {
  override readonly name = 'FilterError'

  constructor(message: string, options?: ErrorOptions) {
    super('QRS_FILTER', message, options)
  }
}

/** How a request to QRS can fail; the package's README says what to do about each. */
export type QrsErrorCode =
  | 'QRS_STATUS'
  | 'QRS_AUTH'
  | 'QRS_FORBIDDEN'
  | 'QRS_ANSWER'
  | 'QRS_INCOMPLETE'
  | 'QRS_TIMEOUT'
  | 'QRS_UNREACHABLE'
  | 'QRS_TLS'

/** Facts beside a {@link RequestError}. */
export interface RequestErrorOptions extends ErrorOptions {
  readonly request: string
  readonly status?: number | undefined
  readonly text?: string | undefined
  readonly sent: boolean
  readonly transient: boolean
  readonly retryAfterMs?: number | undefined
}

/** A request over HTTP failed. Holds neither key, cookie, token, user header nor certificate. */
export abstract class RequestError<Code extends string = string> extends ButlerError<Code> {
  /** What was asked: `GET /qrs/app/full?filter=…`, encoded as sent, without the anti-forgery key. */
  readonly request: string
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined
  /** The first 500 characters of an answer that says what is wrong. */
  readonly text: string | undefined
  /** Whether Sense may have seen the request; false only where no connection came about. */
  readonly sent: boolean
  /** Whether the same request may well succeed later: Sense is starting, busy or out of reach. */
  readonly transient: boolean
  /** How long Sense wants to be left alone, in milliseconds, where it said so (`Retry-After`). */
  readonly retryAfterMs: number | undefined

  constructor(code: Code, message: string, { request, status, text, sent, transient, retryAfterMs, ...options }: RequestErrorOptions) {
    super(code, message, options)
    this.request = request
    this.status = status
    this.text = text
    this.sent = sent
    this.transient = transient
    this.retryAfterMs = retryAfterMs
  }
}

/** A request to QRS, or to another HTTP service of a site, failed. */
export class QrsError extends RequestError<QrsErrorCode> {
  override readonly name = 'QrsError'
}

/** How starting or following a task can fail. */
export type TaskErrorCode =
  | 'TASK_ID_INVALID'
  | 'TASK_NOT_FOUND'
  | 'TASK_AMBIGUOUS'
  | 'TASK_DENIED'
  | 'TASK_NOT_STARTED'
  | 'TASK_RESULT_MISSING'
  | 'TASK_TIMEOUT'

/** Facts beside a {@link TaskError}. */
export interface TaskErrorOptions extends ErrorOptions {
  readonly taskIds?: readonly string[]
  readonly stopped?: boolean | undefined
}

/** A task was not started, or its result cannot be told. */
export class TaskError extends ButlerError<TaskErrorCode> {
  override readonly name = 'TaskError'
  /** GUIDs of the tasks in question: none for an unknown one, several for `TASK_AMBIGUOUS`. */
  readonly taskIds: readonly string[]
  /** With `TASK_TIMEOUT`: whether Sense took the order to stop the task; otherwise it goes on. */
  readonly stopped: boolean | undefined

  constructor(code: TaskErrorCode, message: string, { taskIds = [], stopped, ...options }: TaskErrorOptions = {}) {
    super(code, message, options)
    this.taskIds = taskIds
    this.stopped = stopped
  }
}
