import type { Clock } from '../clock.js'
import { ButlerError } from '../errors.js'
import { withFields, type Logger } from '../logger.js'
import { SchemaError, validate } from '../schema.js'
import type { Disposition, InboundMessage, OutboundMessage } from '../transport/transport.js'
import { DeclaredError, type Message, type Publisher } from './message.js'
import { encodeErrorReply, takeReplyTo, type ErrorReply, type ReplyAddress } from './reply.js'
import { routeDefaults } from './route-options.js'
import type { Route } from './router.js'
import type { TopicTypes } from '../topic/topic.js'

/** Which message, by which transport, on which route. */
export interface RouteReport {
  readonly transport: string
  /** The topic name. */
  readonly topic: string
  /** The route's topic pattern. */
  readonly route: string
}

/** What the pipeline needs of the butler around it. */
export interface PipelineHost extends Publisher {
  readonly services: object
  readonly clock: Clock
  readonly logger: Logger
  /** Sends an answer by the transport the request came by. */
  reply(transport: string, message: OutboundMessage): Promise<void>
  handled(report: RouteReport & { readonly durationMs: number }): void
  invalid(error: unknown, report: RouteReport): void
  failed(error: unknown, report: RouteReport & { readonly stage: 'handler' | 'reply' | 'background' }): void
  abandoned(report: RouteReport): void
}

/** Runs messages through their routes, in a fixed order: decode, validate, handler within its time, reply, acknowledgement. */
export interface Pipeline {
  /** Runs one message through one route. Never rejects. */
  run(route: Route, message: InboundMessage, transport: string): Promise<Disposition>
  /** How many messages and `waitUntil` works are not done. */
  readonly inWork: number
  /** Resolves once nothing is in work. */
  idle(): Promise<void>
  /** Stops waiting: aborts every signal. Messages in work are left unacknowledged. */
  abandon(reason: unknown): void
}

export function createPipeline(host: PipelineHost): Pipeline {
  const running = new Set<AbandonableWork>()
  const waiting = new Set<() => void>()

  return {
    async run(route, inbound, transport) {
      const report: RouteReport = { transport, topic: inbound.topic, route: route.topic.pattern }
      return track((work) => runRoute(route, inbound, report, work))
    },
    get inWork() {
      return running.size
    },
    idle: () => (running.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))),
    abandon(reason) {
      for (const work of running) work.abandon(reason)
    },
  }

  async function track<T>(start: (work: AbandonableWork) => Promise<T>): Promise<T> {
    const work = createWork()
    running.add(work)
    try {
      return await start(work)
    } finally {
      running.delete(work)
      if (running.size === 0) {
        for (const resolve of waiting) resolve()
        waiting.clear()
      }
    }
  }

  async function runRoute(route: Route, inbound: InboundMessage, report: RouteReport, work: AbandonableWork): Promise<Disposition> {
    const opened = await open(route, inbound).catch((error: unknown) => ({ error }))
    if ('error' in opened) {
      host.invalid(opened.error, report)
      const { address } = takeReplyTo(undefined, inbound.properties)
      if (address && (route.options.invalid ?? routeDefaults.invalid) === 'reply-error') {
        await replyError(route, inbound, report, address, invalidReply(opened.error))
      }
      return 'ack'
    }
    const { address } = opened
    const startedAt = host.clock.now()
    try {
      const value = await runHandler(route, toMessage(opened, inbound, report, work), work)
      if (address && route.topic.definition.reply) await reply(route, inbound, report, address, value)
      host.handled({ ...report, durationMs: host.clock.now() - startedAt })
    } catch (error) {
      if (work.abandoned) {
        host.abandoned(report)
        return 'leave'
      }
      // A declared error is an answer, not a failure.
      if (error instanceof DeclaredError && address) host.handled({ ...report, durationMs: host.clock.now() - startedAt })
      else host.failed(error, { ...report, stage: 'handler' })
      if (address && route.topic.definition.reply) await replyError(route, inbound, report, address, failureReply(error))
    }
    return 'ack'
  }
}
