import { ButlerError } from '../errors.js'
import { DeclaredError, type Retry } from './outcome.js'
import { retryDefaults, type RetryOptions } from './route-options.js'

// A handler that throws Retry asks for more runs even where its route names no number.
const attemptsAskedFor = 3

/**
 * How long to wait before the next run, in milliseconds, or `undefined` where there is none.
 *
 * @param attempt - the run that failed, 1 for the first
 */
export function waitBeforeRetry(options: RetryOptions | undefined, error: unknown, attempt: number): number | undefined {
  if (ButlerError.is(error, 'REJECTED') || DeclaredError.isDeclared(error)) return undefined
  const asked = ButlerError.is(error, 'RETRY')
  const attempts = options?.attempts ?? (asked ? attemptsAskedFor : 1)
  if (attempt >= attempts || !(asked || (options?.when?.(error) ?? true))) return undefined
  const backoff = options?.backoff ?? retryDefaults.backoff
  return (asked ? (error as Retry).afterMs : undefined) ?? backoff(attempt)
}
