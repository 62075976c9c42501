import { EventEmitter } from 'eventemitter3'
import { systemClock, type Clock } from '../clock.js'
import { ButlerError, messageOf } from '../errors.js'
import { silent, withFields, type Logger } from '../logger.js'
import type { Publisher } from '../router/message.js'
import { createParking } from '../router/parking.js'
import type { PipelineHost } from '../router/passage.js'
import { createPipeline } from '../router/pipeline.js'
import type { MessageEvents } from '../router/reports.js'
import { mountedRoutes, type Mountable, type Route } from '../router/router.js'
import { createWorkload } from '../router/workload.js'
import { memoryStore } from '../store/memory-store.js'
import type { Store } from '../store/store.js'
import { createTopicMatcher } from '../topic/matcher.js'
import type { Disposition, InboundMessage, OutboundMessage, Transport } from '../transport/transport.js'
import { logEvent, type ButlerEvents } from './events.js'
import { butlerHealth, type ButlerHealth } from './health.js'
import { createMetrics, type ButlerMetrics } from './metrics.js'
import { createPublishing, type Requests, type SendOptions } from './publishing.js'
import { onSignals } from './signals.js'
import { statusMessages, type StatusTopic } from './status.js'
import { checkNeeds, listensTo, subscriptionsFor } from './subscriptions.js'

/** What a butler is made of. */
export interface ButlerOptions<Services extends object> {
  /** Names it in logs, on its status topic and in its store. */
  readonly name: string
  /** What handlers find in `ctx`. They stay the caller's to close. @defaultValue none */
  readonly services?: Services
  /** Where messages come from and go to; their names are unique. */
  readonly transports: readonly Transport[]
  /** Where the butler says that it is online, draining or offline, retained. @defaultValue nowhere */
  readonly status?: StatusTopic
  /** Keeps deduplication keys and parked retries. @defaultValue `memoryStore()` */
  readonly store?: Store
  /** @defaultValue silent */
  readonly logger?: Logger
  /** Longest wait in `stop` for what is in work, in milliseconds. @defaultValue 4_000 */
  readonly drainTimeoutMs?: number
  /** Stops on SIGINT and SIGTERM. Never ends the process: it ends by itself once nothing is left to do. @defaultValue false */
  readonly signals?: boolean
  /** @defaultValue systemClock */
  readonly clock?: Clock
}

/** A running assembly of transports, routes and services. It opens nothing before `start` and owns nothing but its transports. */
export interface Butler<Services extends object = {}> extends Publisher, Requests, AsyncDisposable {
  readonly name: string
  readonly services: Services
  readonly events: EventEmitter<ButlerEvents>
  /**
   * Adds a router's routes, below a topic prefix if there is one.
   *
   * @throws ButlerError `BUTLER_STARTED` once it has started
   */
  mount(router: Mountable<Services>): this
  mount(prefix: string, router: Mountable<Services>): this
  /**
   * Connects every transport with its subscriptions in place, or none.
   *
   * @throws ButlerError `BUTLER_START_FAILED` naming the transport, its own error as `cause`; `ROUTE_UNSUPPORTED` and
   * `ROUTE_TRANSPORT_UNKNOWN` for a route that does not find what it needs; `BUTLER_STOPPED` after `stop`
   */
  start(): Promise<this>
  /** Publishes bytes to a topic name, past every contract. */
  publishRaw(message: OutboundMessage, options?: SendOptions): Promise<void>
  /**
   * Takes no further messages, waits for those in work, says `offline` and disconnects. What is not done after `drainTimeoutMs` is aborted
   * and left unacknowledged. May be called at any time and more than once.
   */
  stop(): Promise<void>
  health(): ButlerHealth
  metrics(): ButlerMetrics
}

/**
 * Assembles a butler.
 *
 * @throws ButlerError `BUTLER_OPTIONS` for a missing name, or transports of one name
 */
export function createButler<Services extends object = {}>(options: ButlerOptions<Services>): Butler<Services> {
  const { name, transports, status, clock = systemClock, store = memoryStore({ clock }), drainTimeoutMs = 4_000 } = options
  const services = options.services ?? ({} as Services)
  checkOptions(options)
  const logger = withFields(options.logger ?? silent, { butler: name })
  const events = new EventEmitter<ButlerEvents>()
  const metrics = createMetrics()
  const workload = createWorkload()
  const routes: Route[] = []
  const matcher = createTopicMatcher<Route>()
  let state: ButlerHealth['state'] = 'idle'
  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  let forgetSignals = () => {}

  const publishing = createPublishing({ transports, clock, subscriptions: (transport) => subscriptionsFor(routes, transport) })
  const host: PipelineHost = {
    services,
    clock,
    store,
    logger,
    workload,
    publisher: { publish: publishing.publish },
    report,
    send: (message, transport) => publishing.sendBack(message, transport),
    park: (parked) => parking.park(parked),
  }
  const pipeline = createPipeline(host)
  const parking = createParking(name, store, clock, async ({ message, transport, attempt, firstError, route: pattern }) => {
    const run = routes
      .filter((route) => route.topic.pattern === pattern)
      .map((route) => pipeline.run(route, message, transport, { attempt, firstError }))
    await Promise.all(run)
  })

  const butler: Butler<Services> = {
    name,
    services,
    events,
    mount(...args: [Mountable<Services>] | [string, Mountable<Services>]) {
      if (state !== 'idle') throw new ButlerError('BUTLER_STARTED', `${name} has started: mount routers before`)
      for (const route of mountedRoutes(...args)) {
        routes.push(route)
        matcher.add(route.topic.filter, route)
      }
      return butler
    },
    async start() {
      if (stopping) throw new ButlerError('BUTLER_STOPPED', `${name} was stopped: make a new one`)
      await (starting ??= open())
      return butler
    },
    publish: publishing.publish,
    request: publishing.request,
    tryRequest: publishing.tryRequest,
    publishRaw: publishing.publishRaw,
    stop: () => (stopping ??= close()),
    health: () => butlerHealth(state, transports),
    metrics: () => metrics.read(workload),
    [Symbol.asyncDispose]: () => butler.stop(),
  }
  return butler

  async function open(): Promise<void> {
    state = 'starting'
    const opened: Transport[] = []
    try {
      checkNeeds(routes, transports)
      // Those that only receive come last: what they bring may have to go out by the others.
      for (const transport of transports.toSorted((a, b) => Number(b.capabilities.publish) - Number(a.capabilities.publish))) {
        opened.push(transport)
        await openTransport(transport)
      }
      checkNeeds(routes, transports)
    } catch (error) {
      await Promise.allSettled(opened.map((transport) => transport.close()))
      state = 'stopped'
      throw error
    }
    if (stopping) return
    await parking.resume()
    if (options.signals) forgetSignals = onSignals(() => void butler.stop())
    state = 'running'
    logger.info('butler started', { transports: transports.map((transport) => transport.name), routes: routes.length })
    emit('started')
  }

  async function openTransport(transport: Transport): Promise<void> {
    try {
      await transport.open({
        subscriptions: subscriptionsFor(routes, transport),
        receive: (message) => receive(message, transport.name),
        changed: (health) => emit('healthChanged', { transport: transport.name, health }),
        logger: withFields(logger, { transport: transport.name }),
        ...(status && { status: statusMessages(status, name) }),
      })
    } catch (cause) {
      throw new ButlerError('BUTLER_START_FAILED', `${name}: transport "${transport.name}" did not open: ${messageOf(cause)}`, { cause })
    }
  }

  async function close(): Promise<void> {
    // A start under way is let through, so that what it opened is closed.
    await starting?.catch(() => undefined)
    state = 'stopping'
    forgetSignals()
    await Promise.allSettled(transports.map((transport) => transport.drain()))
    const cancelTimer = clock.schedule(() => workload.abandon(new ButlerError('BUTLER_STOPPED', `${name} stopped`)), drainTimeoutMs)
    await workload.idle()
    cancelTimer()
    publishing.abandon()
    for (const { transport, message, route, firstError, attempt } of store.outlivesProcess ? [] : await parking.stop()) {
      report('failed', {
        transport,
        topic: message.topic,
        route,
        error: new ButlerError('RETRY_LOST', firstError),
        stage: 'handler',
        attempt,
      })
    }
    await Promise.allSettled(transports.map((transport) => transport.close()))
    state = 'stopped'
    logger.info('butler stopped')
    emit('stopped')
  }

  function receive(message: InboundMessage, transport: string): Disposition | Promise<Disposition> {
    if (publishing.takeReply(message)) return 'ack'
    metrics.count('received', message)
    const matched = matcher.match(message.topic).filter((route) => listensTo(route, transport))
    const [route] = matched
    if (route === undefined) {
      report('unmatched', { transport, topic: message.topic })
      return 'ack'
    }
    if (matched.length === 1) return pipeline.run(route, message, transport)
    return Promise.all(matched.map((each) => pipeline.run(each, message, transport))).then((all) =>
      all.includes('leave') ? 'leave' : 'ack',
    )
  }

  function report<K extends keyof MessageEvents>(event: K, ...[about]: MessageEvents[K]): void {
    metrics.count(event, about)
    if ('durationMs' in about) metrics.handlerTook(about.durationMs)
    logEvent(logger, event, about)
    emit(event, about)
  }

  // A listener's failure is its own: it must not reach the message that was told of, nor the transport.
  function emit(event: keyof ButlerEvents, about?: object): void {
    try {
      events.emit(event, about as never)
    } catch (error) {
      logger.error('a listener threw', { event, error })
    }
  }
}

function checkOptions({ name, transports }: ButlerOptions<object>): void {
  if (!name) throw new ButlerError('BUTLER_OPTIONS', 'name: a butler needs one')
  const names = transports.map((transport) => transport.name)
  const twice = names.find((each, index) => names.indexOf(each) !== index)
  if (twice !== undefined) throw new ButlerError('BUTLER_OPTIONS', `transports: two are named "${twice}"`)
}
