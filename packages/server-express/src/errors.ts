import { ButlerError, type SchemaIssue } from '@butlerkit/core'

/**
 * What the API itself refuses; what the services below throw keeps its own code.
 *
 * - `API_OPTIONS`: an option of `butlerApi` is wrong; the message names it
 * - `API_KEY`: no key was given, or none that fits
 * - `API_METHOD`: the endpoint is there, but only for GET
 * - `API_QUERY`: a query parameter is missing, unknown, repeated or does not fit; see `issues`
 * - `API_TIMEOUT`: the work took longer than `timeoutMs`
 * - `PATH_DENIED`: the path is malformed, or its real place is outside what is allowed
 * - `PATH_NOT_FOUND`: nothing is at this path
 * - `PATH_CONFLICT`: a file stands where a directory should be
 * - `PATH_FAILED`: the file system refused; the message holds its code
 * - `TOPIC_DENIED`: `publishTopics` does not allow the topic
 */
export type ApiErrorCode =
  | 'API_OPTIONS'
  | 'API_KEY'
  | 'API_METHOD'
  | 'API_QUERY'
  | 'API_TIMEOUT'
  | 'PATH_DENIED'
  | 'PATH_NOT_FOUND'
  | 'PATH_CONFLICT'
  | 'PATH_FAILED'
  | 'TOPIC_DENIED'

/** Facts beside an {@link ApiError}. */
export interface ApiErrorOptions extends ErrorOptions {
  readonly issues?: readonly SchemaIssue[]
}

/** The API refused a request, or {@link ApiErrorCode | an option}. */
export class ApiError extends ButlerError<ApiErrorCode> {
  override readonly name = 'ApiError'
  /** For `API_QUERY`: each parameter in question and what is wrong with it. */
  readonly issues: readonly SchemaIssue[]

  constructor(code: ApiErrorCode, message: string, { issues = [], ...options }: ApiErrorOptions = {}) {
    super(code, message, options)
    this.issues = issues
  }
}
