import { sleep } from '../clock.js'
import { messageOf } from '../errors.js'
import { answer, answerFailed } from '../request/answer.js'
import { isPromiseLike, type Awaitable } from './awaitable.js'
import { giveUp } from './give-up.js'
import { HandlerMessage } from './handler-message.js'
import { runHandler } from './handler-run.js'
import type { OpenedMessage } from './open.js'
import { DeclaredError } from './outcome.js'
import type { Passage, PassageOutcome } from './passage.js'
import { retryDefaults } from './route-options.js'
import { waitBeforeRetry } from './retry.js'

/** Where the runs of a message begin: at the first, or after those before it was parked. */
export interface EarlierRuns {
  /** The run to come, 1 for the first. */
  readonly attempt: number
  readonly firstError?: unknown
}

/** How the runs of a message ended. `parked`: they go on later, from the store. */
export type AttemptsOutcome = PassageOutcome | 'parked'

/** One run of the handler. */
interface Run extends EarlierRuns {
  readonly passage: Passage
  readonly opened: OpenedMessage
  /** On the butler's clock. */
  readonly startedAt: number
}

/**
 * Runs the handler, again after failures as the route says, and answers the request there is. Never throws or rejects for what the handler
 * does; a handler that returns no promise, on a message that wants no answer, is through at once.
 */
export function runAttempts(passage: Passage, opened: OpenedMessage, { attempt, firstError }: EarlierRuns): Awaitable<AttemptsOutcome> {
  const { host, route } = passage
  const run: Run = { passage, opened, attempt, firstError, startedAt: host.clock.now() }
  try {
    const value = runHandler(route, new HandlerMessage(passage, opened, attempt), host)
    if (!isPromiseLike(value)) return succeeded(run, value)
    return (value as Promise<unknown>).then(
      (resolved) => succeeded(run, resolved),
      (error: unknown) => failed(run, error),
    )
  } catch (error) {
    return failed(run, error)
  }
}

function succeeded(run: Run, value: unknown): Awaitable<'handled'> {
  const { passage, opened } = run
  if (!opened.replyTo) return handled(run)
  return answer(passage, opened.replyTo, value).then(() => handled(run))
}

function handled({ passage: { host, report }, attempt, startedAt }: Run): 'handled' {
  const { transport, topic, route } = report
  host.report('handled', { transport, topic, route, attempt, durationMs: host.clock.now() - startedAt })
  return 'handled'
}

async function failed(run: Run, error: unknown): Promise<AttemptsOutcome> {
  const { passage, opened, attempt, firstError } = run
  const { host, route, report, inbound } = passage
  if (host.workload.stopped.aborted) return abandoned(passage)
  const cause = firstError ?? error
  if (DeclaredError.isDeclared(error) && opened.replyTo) {
    // The contract foresaw it: an answer, not a failure.
    await answerFailed(passage, opened.replyTo, error)
    return handled(run)
  }
  const waitMs = waitBeforeRetry(route.options.retry, error, attempt)
  if (waitMs === undefined) {
    if (opened.replyTo) await answerFailed(passage, opened.replyTo, error)
    return giveUp(passage, { attempts: attempt, firstError: cause, lastError: error })
  }
  const parked = waitMs > (route.options.retry?.parkAfterMs ?? retryDefaults.parkAfterMs)
  host.report('retried', { ...report, error, stage: 'handler', attempt, waitMs, parked })
  if (parked) {
    const dueAt = host.clock.now() + waitMs
    const { transport, route: pattern } = report
    const parkedMessage = { message: inbound, transport, route: pattern, attempt: attempt + 1, firstError: messageOf(cause), dueAt }
    await host.park(parkedMessage, route)
    return 'parked'
  }
  try {
    await host.workload.rest(() => sleep(host.clock, waitMs, host.workload.stopped))
  } catch {
    return abandoned(passage)
  }
  return runAttempts(passage, opened, { attempt: attempt + 1, firstError: cause })
}

function abandoned({ host, report }: Passage): AttemptsOutcome {
  host.report('abandoned', report)
  return 'left'
}
