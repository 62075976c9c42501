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

/**
 * Runs the handler, again after failures as the route says, and answers the request there is. Never throws or rejects for what the handler
 * does; a handler that returns no promise, on a message that wants no answer, is through at once.
 */
export function runAttempts(passage: Passage, opened: OpenedMessage, { attempt, firstError }: EarlierRuns): Awaitable<AttemptsOutcome> {
  const { host, route } = passage
  const startedAt = host.clock.now()
  const succeeded = (value: unknown) => {
    if (!opened.replyTo) return handled()
    return answer(passage, opened.replyTo, value).then(handled)
  }
  try {
    const value = runHandler(route, new HandlerMessage(passage, opened, attempt), host)
    return isPromiseLike(value) ? (value as Promise<unknown>).then(succeeded, fail) : succeeded(value)
  } catch (error) {
    return fail(error)
  }

  function handled(): 'handled' {
    const { transport, topic, route: pattern } = passage.report
    host.report('handled', { transport, topic, route: pattern, attempt, durationMs: host.clock.now() - startedAt })
    return 'handled'
  }

  async function fail(error: unknown): Promise<AttemptsOutcome> {
    const { report, inbound } = passage
    if (host.workload.stopped.aborted) return abandoned()
    const cause = firstError ?? error
    if (DeclaredError.isDeclared(error) && opened.replyTo) {
      // The contract foresaw it: an answer, not a failure.
      await answerFailed(passage, opened.replyTo, error)
      return handled()
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
      return abandoned()
    }
    return runAttempts(passage, opened, { attempt: attempt + 1, firstError: cause })
  }

  function abandoned(): AttemptsOutcome {
    host.report('abandoned', passage.report)
    return 'left'
  }
}
