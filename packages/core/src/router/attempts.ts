import { sleep } from '../clock.js'
import { messageOf } from '../errors.js'
import { answer, answerFailed } from '../request/answer.js'
import { giveUp } from './give-up.js'
import { HandlerMessage, runHandler, type RunSurroundings } from './handler-run.js'
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

/** Runs the handler, again after failures as the route says, and answers the request there is. */
export async function runAttempts(
  passage: Passage,
  opened: OpenedMessage,
  around: RunSurroundings,
  earlier: EarlierRuns,
): Promise<AttemptsOutcome> {
  const { host, route, inbound, report } = passage
  let { attempt, firstError } = earlier
  for (;;) {
    const startedAt = host.clock.now()
    try {
      const value = await runHandler(route, new HandlerMessage(inbound, opened, report.transport, attempt, around), around)
      if (opened.replyTo) await answer(passage, opened.replyTo, value)
      host.report('handled', { ...report, attempt, durationMs: host.clock.now() - startedAt })
      return 'handled'
    } catch (error) {
      if (host.workload.stopped.aborted) return abandoned()
      firstError ??= error
      if (DeclaredError.isDeclared(error) && opened.replyTo) {
        // The contract foresaw it: an answer, not a failure.
        await answerFailed(passage, opened.replyTo, error)
        host.report('handled', { ...report, attempt, durationMs: host.clock.now() - startedAt })
        return 'handled'
      }
      const waitMs = waitBeforeRetry(route.options.retry, error, attempt)
      if (waitMs === undefined) {
        if (opened.replyTo) await answerFailed(passage, opened.replyTo, error)
        return giveUp(passage, { attempts: attempt, firstError, lastError: error })
      }
      const parked = waitMs > (route.options.retry?.parkAfterMs ?? retryDefaults.parkAfterMs)
      host.report('retried', { ...report, error, stage: 'handler', attempt, waitMs, parked })
      attempt += 1
      if (parked) {
        const dueAt = host.clock.now() + waitMs
        await host.park({
          message: inbound,
          transport: report.transport,
          route: report.route,
          attempt,
          firstError: messageOf(firstError),
          dueAt,
        })
        return 'parked'
      }
      try {
        await host.workload.rest(() => sleep(host.clock, waitMs, host.workload.stopped))
      } catch {
        return abandoned()
      }
    }
  }

  function abandoned(): AttemptsOutcome {
    host.report('abandoned', report)
    return 'left'
  }
}
