import { deadLetterReason, toDeadLetter } from './dead-letter.js'
import type { Passage, PassageOutcome } from './passage.js'
import { routeDefaults } from './route-options.js'

/** What a message went through before it was given up. */
export interface Failure {
  /** Runs, 0 where no handler ran. */
  readonly attempts: number
  readonly firstError: unknown
  readonly lastError: unknown
}

/**
 * Ends a message that failed for good: reported, and where the route wants it on the dead-letter topic before it is acknowledged. A dead
 * letter that cannot be published leaves the message with its sender.
 */
export async function giveUp(passage: Passage, failure: Failure): Promise<PassageOutcome> {
  const { host, route, report } = passage
  host.report('failed', { ...report, error: failure.lastError, stage: 'handler', attempt: failure.attempts })
  if (route.options.deadLetter) return buryMessage(passage, failure)
  return route.options.ack === 'manual' ? 'left' : 'settled'
}

/** Publishes the dead letter of a message on a route that has `deadLetter` set. */
export async function buryMessage({ host, route, inbound, report }: Passage, failure: Failure): Promise<PassageOutcome> {
  const { deadLetter = routeDefaults.deadLetter } = route.options
  const letter = toDeadLetter(deadLetter === true ? 'dead-letter' : String(deadLetter), inbound, report, {
    ...failure,
    at: new Date(host.clock.now()),
  })
  try {
    await host.send(letter, report.transport)
  } catch (error) {
    host.report('failed', { ...report, error, stage: 'dead-letter', attempt: failure.attempts })
    return 'left'
  }
  host.report('deadLettered', {
    ...report,
    deadLetterTopic: letter.topic,
    reason: deadLetterReason(failure.lastError),
    attempts: failure.attempts,
  })
  return 'settled'
}
