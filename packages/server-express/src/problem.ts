import { STATUS_CODES } from 'node:http'
import { ButlerError, type SchemaIssue } from '@butlerkit/core'
import { ApiError } from './errors.js'

/** An error as HTTP tells it. @see RFC 9457, Problem Details for HTTP APIs */
export interface Problem {
  /** The status's own name: `Not Found`. */
  readonly title: string
  readonly status: number
  /** The `ButlerError`'s code, to branch on; absent for an error nobody foresaw. */
  readonly code?: string
  /** What was tried and what came back. */
  readonly detail?: string
  /** For `API_QUERY`: each parameter in question and what is wrong with it. */
  readonly issues?: readonly SchemaIssue[]
}

/** HTTP status of each code that has one of its own. Any other error of Butlerkit comes from a system behind us: 502. */
const statuses: Readonly<Record<string, number>> = {
  API_QUERY: 400,
  TASK_ID_INVALID: 400,
  API_KEY: 401,
  PATH_DENIED: 403,
  ENGINE_DENIED: 403,
  TASK_DENIED: 403,
  TOPIC_DENIED: 403,
  ENGINE_NOT_FOUND: 404,
  PATH_NOT_FOUND: 404,
  TASK_NOT_FOUND: 404,
  API_METHOD: 405,
  PATH_CONFLICT: 409,
  TASK_AMBIGUOUS: 409,
  TASK_NOT_STARTED: 409,
  PATH_FAILED: 500,
  BUTLER_STOPPED: 503,
  ENGINE_BUSY: 503,
  MQTT_CLOSED: 503,
  MQTT_NOT_CONNECTED: 503,
  MQTT_OUTBOX_FULL: 503,
  SENSE_CLOSED: 503,
  SLACK_BUSY: 503,
  SLACK_RATE_LIMITED: 503,
  TRANSPORT_CLOSED: 503,
  API_TIMEOUT: 504,
  ENGINE_TIMEOUT: 504,
  QRS_TIMEOUT: 504,
  SLACK_TIMEOUT: 504,
}

/**
 * Turns whatever was thrown into an HTTP answer. Only the message of a `ButlerError` is told, as those hold no secret; of any other error
 * nothing is: it was not written for strangers. Never a stack, never a cause.
 */
export function toProblem(error: unknown): Problem {
  if (!ButlerError.is(error)) return { title: 'Internal Server Error', status: 500 }
  const { code, message: detail } = error
  const status = Object.hasOwn(statuses, code) ? (statuses[code] ?? 502) : 502
  const issues = error instanceof ApiError ? error.issues : []
  return { title: STATUS_CODES[status] ?? '', status, code, detail, ...(issues.length > 0 && { issues }) }
}
