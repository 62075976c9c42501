import { EventEmitter } from 'eventemitter3'
import { systemClock } from '../clock.js'
import { ButlerError, messageOf } from '../errors.js'
import { silent, withFields } from '../logger.js'
import type { Publisher } from '../router/message.js'
import { createParking } from '../router/parking.js'
import { createPipeline } from '../router/pipeline.js'
import { mountedRoutes, type Mountable, type Route } from '../router/router.js'
import { createWorkload } from '../router/workload.js'
import { memoryStore } from '../store/memory-store.js'
import type { TopicOf, TopicTypes } from '../topic/topic.js'
import type { OutboundMessage, QoS, Transport } from '../transport/transport.js'
import { checkButlerOptions, type ButlerOptions } from './butler-options.js'
import { dispatch, type DispatchHost } from './dispatch.js'
import type { ButlerEvents } from './events.js'
import { butlerHealth, type ButlerHealth } from './health.js'
import { createListening } from './listening.js'
import { createMetrics, type ButlerMetrics } from './metrics.js'
import { createPublishing, type Requests, type SendOptions } from './publishing.js'
import { createReporting } from './reporting.js'
import { createRouteTable } from './route-table.js'
import { onSignals } from './signals.js'
import { createState, type ExpectedRetained, type State } from './state.js'
import { statusMessages } from './status.js'
import { createWatching, type OnceOptions, type SeenMessage } from './watching.js'

/** Routes added with {@link Butler.attach}. */
export interface Attachment extends AsyncDisposable {
  /**
   * Takes the routes away again, and gives up the subscriptions nobody else needs. Messages that come before it resolves are handled, and
   * those in work are finished; one that comes later counts as `unmatched`, unless another route wants it.
   *
   * @throws what a transport refuses a narrower subscription with; the routes then stay
   */
  detach(): Promise<void>
}

/** A running assembly of transports, routes and services. It opens nothing before `start` and owns nothing but its transports. */
export interface Butler<Services extends object = {}> extends Publisher, Requests, AsyncDisposable {
  readonly name: string
  readonly services: Services
  readonly events: EventEmitter<ButlerEvents>
  /** The routes there are now. */
  readonly routes: readonly Route[]
  /**
   * Adds a router's routes, below a topic prefix if there is one.
   *
   * @throws ButlerError `BUTLER_STARTED` once it has started: {@link Butler.attach} them then
   */
  mount(router: Mountable<Services>): this
  mount(prefix: string, router: Mountable<Services>): this
  /**
   * Adds a router's routes at any time, and so that they can be taken away. Resolves once every transport is subscribed, after `start`; one
   * that has no connection subscribes with its next, and does not connect while the broker refuses it. Without the right to one of the
   * subscriptions nothing is added. Retained messages come where the subscription is new, not where another route's already covers it;
   * what has waited in a durable session comes with `start`: attach before it what should get that.
   *
   * @throws what the transport refuses a subscription with, such as `MqttError` `MQTT_SUBSCRIBE_REFUSED`; ButlerError `ROUTE_UNSUPPORTED`
   * and `ROUTE_TRANSPORT_UNKNOWN` for a route that does not find what it needs; `BUTLER_STOPPED` after `stop`; what `start` failed with
   */
  attach(router: Mountable<Services>): Promise<Attachment>
  attach(prefix: string, router: Mountable<Services>): Promise<Attachment>
  /**
   * Connects every transport with its subscriptions in place, or none.
   *
   * @throws ButlerError `BUTLER_START_FAILED` naming the transport, or the store, its own error as `cause`; `ROUTE_UNSUPPORTED` and
   * `ROUTE_TRANSPORT_UNKNOWN` for a route that does not find what it needs; `BUTLER_STOPPED` after `stop`
   */
  start(): Promise<this>
  /** Publishes bytes to a topic name, past every contract. */
  publishRaw(message: OutboundMessage, options?: SendOptions): Promise<void>
  /**
   * Waits for one message, on whichever transport it comes; subscribes for as long as it takes.
   *
   * @throws ButlerError `ONCE_TIMEOUT`; `BUTLER_STOPPED`; the signal's reason; what `where` throws
   */
  once<const T extends TopicTypes>(topic: TopicOf<T>, options?: OnceOptions<T>): Promise<SeenMessage<T>>
  /**
   * The state a retained topic holds, to read, write and follow.
   *
   * @param args - the pattern's parameters where it has any, then the transport, needed only where several can publish
   * @throws ButlerError `STATE_UNSUPPORTED` for a contract without `retain: true`, or a transport that retains nothing
   */
  state<const T extends TopicTypes>(
    topic: TopicOf<T>,
    ...args: {} extends T['params'] ? [params?: T['params'], via?: string] : [params: T['params'], via?: string]
  ): State<T>
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
 * @throws ButlerError `BUTLER_OPTIONS` naming the option that is wrong
 */
export function createButler<Services extends object = {}>(options: ButlerOptions<Services>): Butler<Services> {
  checkButlerOptions(options)
  const { name, transports, group, status, clock = systemClock, store = memoryStore({ clock }), drainTimeoutMs = 4_000 } = options
  const services = options.services ?? ({} as Services)
  const logger = withFields(options.logger ?? silent, { butler: name })
  const events = new EventEmitter<ButlerEvents>()
  const metrics = createMetrics()
  const { report, emit } = createReporting(events, metrics, options.logger && logger)
  const workload = createWorkload()
  const listening = createListening(transports, group)
  const table = createRouteTable({ transports, group, listening, added: () => parking.routesAdded() })
  const publishing = createPublishing(transports, clock, listening)
  const watching = createWatching(clock)
  const expectedRetained: ExpectedRetained = new Map()
  let state: ButlerHealth['state'] = 'idle'
  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  let forgetSignals = () => {}

  const pipeline = createPipeline({
    services,
    clock,
    store,
    logger,
    workload,
    publisher: publishing,
    report,
    send: publishing.sendBack,
    park: (parked, route) => parking.park(parked, route),
  })
  const parking = createParking({
    name,
    store,
    clock,
    run({ message, transport, attempt, firstError, route: pattern }, parkedBy) {
      const routes = parkedBy ? [parkedBy] : table.routes.filter((route) => route.topic.pattern === pattern)
      if (routes.length > 0)
        return Promise.all(routes.map(async (route) => pipeline.run(route, message, transport, { attempt, firstError })))
      report('unmatched', { transport, topic: message.topic })
      return undefined
    },
    onError: (error) => logger.error('the store of parked retries failed', { error }),
  })
  const dispatchHost: DispatchHost = {
    matcher: table.matcher,
    pipeline,
    publishing,
    listening,
    watching,
    expectedRetained,
    metrics,
    report,
  }

  const butler: Butler<Services> = {
    name,
    services,
    events,
    get routes() {
      return table.routes
    },
    mount(...args: [Mountable<Services>] | [string, Mountable<Services>]) {
      if (state !== 'idle') throw new ButlerError('BUTLER_STARTED', `${name} has started: attach routers from now on`)
      table.mount(mountedRoutes(...args))
      return butler
    },
    async attach(...args: [Mountable<Services>] | [string, Mountable<Services>]) {
      const added = mountedRoutes(...args)
      await starting
      checkNotStopped()
      const detach = await table.attach(added)
      logger.info('routes attached', { patterns: added.map(({ topic }) => topic.pattern) })
      return { detach, [Symbol.asyncDispose]: detach }
    },
    async start() {
      checkNotStopped()
      await (starting ??= open())
      return butler
    },
    publish: publishing.publish,
    request: publishing.request,
    tryRequest: publishing.tryRequest,
    publishRaw: publishing.publishRaw,
    once,
    state: (topic, params = {}, via?: string) =>
      createState(topic, topic.build(params), publishing.publisher(via), { publishing, listening, watching }, expectedRetained),
    stop: () => (stopping ??= close()),
    health: () => butlerHealth(state, table.routes.length, transports),
    metrics: () => metrics.read(workload),
    [Symbol.asyncDispose]: () => butler.stop(),
  }
  return butler

  function checkNotStopped(): void {
    if (stopping) throw new ButlerError('BUTLER_STOPPED', `${name} was stopped: make a new one`)
  }

  async function open(): Promise<void> {
    state = 'starting'
    const opened: Transport[] = []
    try {
      table.checkNeeds()
      // Those that only receive come last: what they bring may have to go out by the others.
      for (const transport of transports.toSorted((a, b) => Number(b.capabilities.publish) - Number(a.capabilities.publish))) {
        opened.push(transport)
        await openTransport(transport)
      }
      table.checkNeeds()
      if (!stopping) await resumeParked()
    } catch (error) {
      await Promise.allSettled(opened.map((transport) => transport.close()))
      state = 'stopped'
      throw error
    }
    if (stopping) return
    if (options.signals) forgetSignals = onSignals(() => void butler.stop())
    state = 'running'
    logger.info('butler started', { transports: transports.map((transport) => transport.name), routes: table.routes.length })
    emit('started')
  }

  async function resumeParked(): Promise<void> {
    try {
      await parking.resume()
    } catch (cause) {
      throw new ButlerError('BUTLER_START_FAILED', `${name}: the store of parked retries cannot be read: ${messageOf(cause)}`, { cause })
    }
  }

  async function openTransport(transport: Transport): Promise<void> {
    try {
      await transport.open({
        subscriptions: listening.opening(transport).subscriptions,
        receive: (message) => dispatch(dispatchHost, message, transport),
        changed: (health) => emit('healthChanged', { transport: transport.name, health }),
        logger: withFields(logger, { transport: transport.name }),
        ...(status && { status: statusMessages(status, name) }),
      })
      await listening.opened(transport)
    } catch (cause) {
      throw new ButlerError('BUTLER_START_FAILED', `${name}: transport "${transport.name}" did not open: ${messageOf(cause)}`, { cause })
    }
  }

  async function once<T extends TopicTypes>(topic: TopicOf<T>, onceOptions: OnceOptions<T> = {}): Promise<SeenMessage<T>> {
    const refused = new AbortController()
    const seen = watching.once(topic, onceOptions, refused.signal)
    const qos = topic.definition.qos ?? 1
    const added = transports.map((transport) =>
      listening.add(transport, { filter: topic.filter, qos: Math.min(qos, transport.capabilities.qos) as QoS }),
    )
    for (const each of added) each.catch((error: unknown) => refused.abort(error))
    try {
      return await seen
    } finally {
      for (const each of await Promise.allSettled(added)) if (each.status === 'fulfilled') await each.value().catch(() => undefined)
    }
  }

  async function close(): Promise<void> {
    // A start under way is let through, so that what it opened is closed.
    await starting?.catch(() => undefined)
    state = 'stopping'
    const stopped = new ButlerError('BUTLER_STOPPED', `${name} stopped`)
    listening.end()
    watching.abandon(stopped)
    await Promise.allSettled(transports.map((transport) => transport.drain()))
    const cancelTimer = clock.schedule(() => workload.abandon(stopped), drainTimeoutMs)
    await workload.idle()
    // What became of the last message reaches its transport within this turn, to be acknowledged before it closes.
    await new Promise((resolve) => setImmediate(resolve))
    cancelTimer()
    publishing.abandon()
    for (const { transport, message, route, firstError, attempt } of await parking.stop()) {
      if (store.outlivesProcess) continue
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
    forgetSignals()
    state = 'stopped'
    logger.info('butler stopped')
    emit('stopped')
  }
}
