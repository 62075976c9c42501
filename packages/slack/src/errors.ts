import { ButlerError } from '@butlerkit/core'

/**
 * What went wrong on the way to Slack.
 *
 * - `SLACK_OPTIONS`: an option is missing or out of bounds, or the webhook URL is not allowed
 * - `SLACK_UNREACHABLE`: no answer: name not found, connection refused or broken
 * - `SLACK_TIMEOUT`: no answer within `timeoutMs`
 * - `SLACK_RATE_LIMITED`: still 429 after the last attempt, or asked to wait longer than `maxRetryAfterMs`
 * - `SLACK_REFUSED`: any other answer but 2xx, a redirect among them
 * - `SLACK_BUSY`: `maxQueued` notifications wait already
 */
export type SlackErrorCode = 'SLACK_OPTIONS' | 'SLACK_UNREACHABLE' | 'SLACK_TIMEOUT' | 'SLACK_RATE_LIMITED' | 'SLACK_REFUSED' | 'SLACK_BUSY'

/** Facts beside a {@link SlackError}'s code. */
export interface SlackErrorFacts {
  /** HTTP status of Slack's last answer. */
  readonly status?: number
  /** Slack's own word for what it refused, such as `invalid_payload`; absent where it is not a plain word. */
  readonly answer?: string
  /** How long Slack asked to wait, in milliseconds. */
  readonly retryAfterMs?: number
  /** Node's or undici's code for what broke below, such as `ECONNREFUSED`. */
  readonly reason?: string
}

/**
 * A notification did not reach Slack. Has no `cause`: what lies beneath may hold the webhook URL, which is a secret, so that only its
 * code is kept, as `facts.reason`.
 */
export class SlackError extends ButlerError<SlackErrorCode> {
  override readonly name = 'SlackError'
  readonly facts: SlackErrorFacts

  constructor(code: SlackErrorCode, message: string, facts: SlackErrorFacts = {}) {
    super(code, message)
    this.facts = facts
  }
}
