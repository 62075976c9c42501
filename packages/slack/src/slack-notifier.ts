import { sleep, systemClock, type Clock, type Notification, type Notifier } from '@butlerkit/core'
import { Agent, type Dispatcher } from 'undici'
import { maxBlocks, toBlocks as defaultBlocks, toFallbackText, type SlackBlock } from './blocks.js'
import { SlackError } from './errors.js'
import { createLine } from './line.js'
import { post } from './post.js'
import { parseWebhookUrl } from './webhook-url.js'

/** How a {@link slackNotifier} reaches Slack. */
export interface SlackNotifierOptions {
  /** The incoming webhook's URL. A secret: whoever has it can post. Never shown in an error, a log or an inspected notifier. */
  readonly webhookUrl: string
  /** Names the notifier in receipts and failures. @defaultValue 'slack' */
  readonly name?: string
  /** Makes a message's blocks; those past Slack's 50 are left out. Escape what you put in with `escapeMrkdwn`. @defaultValue `toBlocks` */
  readonly toBlocks?: (notification: Notification) => readonly SlackBlock[]
  /** Longest wait for one answer, in milliseconds, 1 to 2_147_483_647. @defaultValue 10_000 */
  readonly timeoutMs?: number
  /** How often one notification is sent at most, 1 to 10. Sent again only where Slack cannot have posted it. @defaultValue 3 */
  readonly attempts?: number
  /** The longest wait Slack may ask for, in milliseconds, 0 to 2_147_483_647; a longer one gives up at once. @defaultValue 60_000 */
  readonly maxRetryAfterMs?: number
  /** How many notifications may wait behind the one under way, 0 or more; one more is refused. @defaultValue 100 */
  readonly maxQueued?: number
  /**
   * The hosts the webhook may be on, exactly as in the URL. A stand-in for Slack on this machine is listed as `127.0.0.1`, `[::1]` or
   * `localhost`, for any port; only such a one may use http. @defaultValue ['hooks.slack.com']
   */
  readonly allowedHosts?: readonly string[]
  /** Carries the requests, such as undici's `ProxyAgent`; must not follow redirects. Stays the caller's to close. @defaultValue an own agent */
  readonly dispatcher?: Dispatcher
  /** Where waits and timeouts take the time from. @defaultValue `systemClock` */
  readonly clock?: Clock
}

const maxTimerMs = 2_147_483_647
const firstBackoffMs = 1_000

/**
 * Posts notifications to one Slack incoming webhook, one at a time and in order: Slack takes about one a second for each channel.
 *
 * Sends again, `attempts` times in all, only what Slack cannot have posted: after 429 and 503, and where no connection came about; it
 * waits as long as `Retry-After` says, else 1 s, 2 s, 4 s … After a timeout, a broken connection or another 5xx the message may already
 * be posted, so it is not repeated.
 *
 * @throws {@link SlackError} `SLACK_OPTIONS` for an option out of bounds or a webhook URL that is not allowed; `notify` rejects with the
 * other codes, or with the signal's reason
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function slackNotifier(options: SlackNotifierOptions): Notifier {
  const { name = 'slack', toBlocks = defaultBlocks, timeoutMs = 10_000, attempts = 3, maxRetryAfterMs = 60_000 } = options
  const { maxQueued = 100, allowedHosts = ['hooks.slack.com'], dispatcher = new Agent(), clock = systemClock } = options
  checkInteger('timeoutMs', timeoutMs, 1, maxTimerMs)
  checkInteger('attempts', attempts, 1, 10)
  checkInteger('maxRetryAfterMs', maxRetryAfterMs, 0, maxTimerMs)
  checkInteger('maxQueued', maxQueued, 0, Number.MAX_SAFE_INTEGER)
  const url = parseWebhookUrl(options.webhookUrl, allowedHosts)
  const line = createLine()

  return {
    name,
    async notify(notification, { signal } = {}) {
      signal?.throwIfAborted()
      if (line.length > maxQueued) throw new SlackError('SLACK_BUSY', `${name}: ${maxQueued} notifications wait already`)
      const body = JSON.stringify({ text: toFallbackText(notification), blocks: toBlocks(notification).slice(0, maxBlocks) })
      await line.inTurn(() => deliver(body, signal), signal)
      return { notifier: name }
    },
  }

  async function deliver(body: string, signal: AbortSignal | undefined): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const failure = await post(url, body, { name, dispatcher, clock, timeoutMs, signal })
      if (!failure) return
      const waitMs = failure.retryAfterMs ?? firstBackoffMs * 2 ** (attempt - 1)
      if (!failure.mayRepeat || attempt >= attempts || waitMs > maxRetryAfterMs) throw failure.error
      await sleep(clock, waitMs, signal)
    }
  }
}

function checkInteger(option: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new SlackError('SLACK_OPTIONS', `${option} must be a whole number from ${least} to ${most}, not ${value}`)
  }
}
