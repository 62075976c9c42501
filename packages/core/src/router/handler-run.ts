import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { TopicTypes } from '../topic/topic.js'
import type { InboundMessage, QoS } from '../transport/transport.js'
import type { Message, Publisher } from './message.js'
import { runWrapped } from './middleware.js'
import type { OpenedMessage } from './open.js'
import { DeclaredError, HandlerTimeoutError } from './outcome.js'
import { routeDefaults } from './route-options.js'
import type { Route } from './router.js'

/** What a run needs around it. */
export interface RunSurroundings {
  readonly clock: Clock
  readonly services: object
  readonly publisher: Publisher
  readonly log: Logger
  /** Aborts when the butler stops waiting. */
  readonly stopped: AbortSignal
  waitUntil(work: (signal: AbortSignal) => Promise<unknown>): void
  ack(): void
}

/** The message as handlers see it. Its abort signal is made when first asked for: most handlers never do. */
export class HandlerMessage implements Message<TopicTypes, object> {
  readonly params: unknown
  readonly payload: unknown
  ctx: object
  readonly topic: string
  readonly source: string
  readonly qos: QoS
  readonly retained: boolean
  readonly duplicate: boolean
  readonly bytes: Uint8Array
  readonly userProperties: Readonly<Record<string, string>>
  readonly attempt: number
  readonly log: Logger
  readonly publish: Publisher['publish']
  readonly waitUntil: (work: (signal: AbortSignal) => Promise<unknown>) => void
  readonly ack: () => void
  #abort: AbortController | undefined

  constructor(inbound: InboundMessage, opened: OpenedMessage, source: string, attempt: number, around: RunSurroundings) {
    this.params = opened.params
    this.payload = opened.payload
    this.ctx = around.services
    this.topic = inbound.topic
    this.source = source
    this.qos = inbound.qos
    this.retained = inbound.retain
    this.duplicate = inbound.duplicate
    this.bytes = inbound.payload
    this.userProperties = inbound.properties.userProperties ?? {}
    this.attempt = attempt
    this.log = around.log
    this.publish = around.publisher.publish
    this.waitUntil = around.waitUntil
    this.ack = around.ack
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    return this.#abort.signal
  }

  error = (code: string, data: unknown): DeclaredError => new DeclaredError(code, data)

  /** Aborts the signal, also where it is only asked for later. */
  abort(reason: unknown): void {
    this.#abort ??= new AbortController()
    this.#abort.abort(reason)
  }
}

/**
 * Runs a route's middlewares and handler once. Stops waiting when the route's time is over or the butler stops; what the handler does
 * after that goes unheard.
 *
 * @throws what the handler throws, `HandlerTimeoutError`, or the reason the butler stopped for
 */
export async function runHandler(route: Route, message: HandlerMessage, around: RunSurroundings): Promise<unknown> {
  const { timeoutMs = routeDefaults.timeoutMs } = route.options
  const handle = () => route.handler(message)
  const run = (async () =>
    route.middlewares.length === 0
      ? handle()
      : runWrapped(route.middlewares, message, (added) => (message.ctx = { ...message.ctx, ...added }), handle))()
  return new Promise((resolve, reject) => {
    const giveUp = (reason: unknown) => {
      message.abort(reason)
      settle(() => reject(reason))
    }
    const stop = () => giveUp(around.stopped.reason)
    const cancelTimer = around.clock.schedule(() => giveUp(new HandlerTimeoutError(timeoutMs)), timeoutMs)
    around.stopped.addEventListener('abort', stop, { once: true })
    run.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    )

    function settle(outcome: () => void): void {
      cancelTimer()
      around.stopped.removeEventListener('abort', stop)
      outcome()
    }
  })
}
