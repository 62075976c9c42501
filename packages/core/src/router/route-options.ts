import { ButlerError } from '../errors.js'
import type { Store } from '../store/store.js'
import type { TopicTypes } from '../topic/topic.js'
import { exponential, type Backoff } from './backoff.js'
import type { Message } from './message.js'

/** When a failed handler is run again. */
export interface RetryOptions {
  /** Runs in all, the first included, 1 to 1_000. */
  readonly attempts: number
  /** Waits between runs. @defaultValue `exponential()`: 1 s, 2 s, 4 s … 60 s, ±25 % */
  readonly backoff?: Backoff
  /** Whether this failure is worth another run. @defaultValue every failure but a `Reject` or a declared error */
  readonly when?: (error: unknown) => boolean
  /**
   * Longest wait that holds the message's acknowledgement, in milliseconds. Acknowledgements leave in order, so that a longer wait would
   * hold up all others; instead the message is parked in the butler's store, acknowledged, and run from there.
   *
   * @defaultValue 5_000
   */
  readonly parkAfterMs?: number
}

/** When a message counts as one already handled. */
export interface DedupeOptions<T extends TopicTypes = TopicTypes> {
  /** What makes two messages the same. */
  readonly by: (message: Message<T, object>) => string
  /** How long a key is remembered, in milliseconds. */
  readonly ttlMs: number
  /** Where keys are remembered; a shared one makes it hold across processes. @defaultValue the butler's store */
  readonly store?: Store
}

/** How one route is run. Its steps have a fixed order; these options set them. */
export interface RouteOptions<T extends TopicTypes = TopicTypes> {
  /** Names of the transports this route listens to. @defaultValue all */
  readonly from?: string | readonly string[]
  /**
   * Shares the route's messages among all butlers of this group: each message goes to one of them. No `/`, `+` or `#`.
   *
   * @defaultValue the butler's group; else every butler gets every message
   */
  readonly group?: string
  /** Larger payloads are invalid. Bytes, 0 or more. @defaultValue 1_048_576 */
  readonly maxPayloadBytes?: number
  /** JSON nested deeper than this is invalid. 1 to 1_000. @defaultValue 64 */
  readonly maxDepth?: number
  /**
   * What becomes of a message whose parameters or payload do not fit the contract. It is reported (event `invalid`, log) and acknowledged in
   * any case. `drop`: no more than that. `reply-error`: a requester is told, with the issues. `dead-letter`: its bytes go to the dead-letter
   * topic. `throw`: it counts as a failed handler.
   *
   * @defaultValue 'drop'
   */
  readonly invalid?: 'drop' | 'reply-error' | 'dead-letter' | 'throw'
  /** Handles one of several same messages. A failed one is forgotten, so that its redelivery counts. @defaultValue off */
  readonly dedupe?: DedupeOptions<T>
  /** Messages of one key run one after the other, in the order they came; others beside them. @defaultValue no order */
  readonly key?: (message: Message<T, object>) => string
  /** Most messages of this route in work at once, 1 or more. @defaultValue without bound; the transport's window is the bound */
  readonly concurrency?: number
  /**
   * Longest run of the handler, in milliseconds, 1 to 2_147_483_647. After it the message's `signal` aborts and the run counts as failed:
   * MQTT releases acknowledgements in order, so that one stuck handler would stop all others.
   *
   * @defaultValue 30_000
   */
  readonly timeoutMs?: number
  /**
   * When the message is acknowledged. `after`: once it is handled, dead-lettered or dropped. `before`: at once, so that a crash loses it.
   * `manual`: when the handler calls `ack()`; one that ends without is left with the sender.
   *
   * @defaultValue 'after'
   */
  readonly ack?: 'after' | 'before' | 'manual'
  /** @defaultValue one run */
  readonly retry?: RetryOptions
  /**
   * Publishes what could not be handled, bytes unchanged, with reason, route, attempts and errors, before it is acknowledged. `true` for
   * `dead-letter/<topic name>`, or the topic's first part. @defaultValue false: it is only reported
   */
  readonly deadLetter?: boolean | string
}

/** The values of options that were left out. */
export const routeDefaults = {
  maxPayloadBytes: 1_048_576,
  maxDepth: 64,
  invalid: 'drop',
  concurrency: Number.POSITIVE_INFINITY,
  timeoutMs: 30_000,
  ack: 'after',
  deadLetter: false,
} as const satisfies RouteOptions

/** The values of retry options that were left out. */
export const retryDefaults = { backoff: exponential(), parkAfterMs: 5_000 } as const satisfies Partial<RetryOptions>

/** Route options that make no sense. */
export class RouteError extends ButlerError<'ROUTE_OPTIONS'> {
  override readonly name = 'RouteError'
}

/** Whether it can be the group of a shared subscription. @see MQTT 5.0, section 4.8.2 */
export function isGroupName(text: string): boolean {
  return /^[^/+#\0]+$/.test(text)
}

/** @throws {@link RouteError} `ROUTE_OPTIONS` naming the route and the option */
export function checkRouteOptions(pattern: string, options: RouteOptions): void {
  within('maxPayloadBytes', options.maxPayloadBytes, 0, Number.MAX_SAFE_INTEGER)
  within('maxDepth', options.maxDepth, 1, 1_000)
  within('concurrency', options.concurrency, 1, Number.POSITIVE_INFINITY)
  within('timeoutMs', options.timeoutMs, 1, 2_147_483_647)
  within('retry.attempts', options.retry?.attempts, 1, 1_000)
  within('dedupe.ttlMs', options.dedupe?.ttlMs, 1, Number.MAX_SAFE_INTEGER)
  if (options.group !== undefined && !isGroupName(options.group))
    fail(`group ${JSON.stringify(options.group)} must be a name without /, + and #`)
  if (options.invalid === 'dead-letter' && !options.deadLetter) fail("invalid: 'dead-letter' needs deadLetter")
  if (options.ack === 'manual' && options.retry)
    fail("ack: 'manual' leaves nothing to retry: what the handler does not acknowledge, the sender delivers again")

  function within(name: string, value: number | undefined, least: number, most: number): void {
    if (value !== undefined && !(value >= least && value <= most)) fail(`${name} must be ${least} to ${most}, not ${value}`)
  }

  function fail(reason: string): never {
    throw new RouteError('ROUTE_OPTIONS', `route ${pattern}: ${reason}`)
  }
}
