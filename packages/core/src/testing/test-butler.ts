import type { ButlerOptions } from '../butler/butler-options.js'
import { createButler, type Butler } from '../butler/butler.js'
import { deadLetters, type DeadLetter } from '../router/dead-letter.js'
import type { Mountable } from '../router/router.js'
import { topicMatches } from '../topic/topic-filter.js'
import type { Topic, TopicOf, TopicTypes } from '../topic/topic.js'
import type { MemoryTransportOptions } from '../transport/memory-client.js'
import { createMemoryBroker, type MemoryBroker, type MemoryBrokerOptions } from '../transport/memory-transport.js'
import type { OutboundMessage } from '../transport/transport.js'
import { createHandlerWatch } from './handler-watch.js'
import { createMortalClock } from './mortal-clock.js'
import { createVirtualClock, type VirtualClock } from './virtual-clock.js'

/** What is tested, and in what surroundings. */
export interface TestButlerOptions<Services extends object> extends Omit<
  ButlerOptions<Services>,
  'name' | 'transports' | 'clock' | 'signals'
> {
  /** Routers to mount. */
  readonly mount: readonly Mountable<Services>[]
  /** Also its client identifier at the broker. @defaultValue 'test' */
  readonly name?: string
  /** Time for the butler and the broker. Hand in the one your services have. @defaultValue a clock of its own */
  readonly clock?: VirtualClock
  /** How the broker behaves: protocol version, overlapping subscriptions, packet limit. */
  readonly broker?: Omit<MemoryBrokerOptions, 'clock' | 'published'>
  /** How the butler connects. @defaultValue a durable session, so that `crash` loses nothing */
  readonly transport?: MemoryTransportOptions
}

/** A message somebody published. */
export interface PublishedMessage<T extends TopicTypes> {
  readonly topic: string
  readonly params: T['params']
  readonly payload: T['payload']
  readonly retain: boolean
}

/** A started butler on a broker in the process, with a clock that stands still. */
export interface TestButler<Services extends object> extends AsyncDisposable {
  /** The one under test. After `restart` it is another. */
  readonly butler: Butler<Services>
  /** The broker, with faults as calls: `t.broker.duplicateNext()`, `t.broker.disconnect('test')`. */
  readonly broker: MemoryBroker
  readonly clock: VirtualClock
  /** Publishes as some other client. */
  readonly publish: Butler['publish']
  /** Asks as some other client. */
  readonly request: Butler['request']
  readonly tryRequest: Butler['tryRequest']
  /**
   * Resolves once everything that messages have caused is done, or waits for the clock, or for a connection. A handler that only its time limit
   * will end is not done: advance the clock first.
   */
  settled(): Promise<void>
  /** What was published on a contract's topics so far, by anybody: decoded, and not checked. */
  published<T extends TopicTypes>(topic: TopicOf<T>): readonly PublishedMessage<T>[]
  /** What was dead-lettered so far. */
  deadLetters(): readonly DeadLetter[]
  /**
   * Ends the butler as SIGKILL would: nothing more leaves it, its timers are gone, and what it had not acknowledged stays with the broker. A
   * handler that is running cannot be ended; nobody hears of it any more.
   */
  crash(): void
  /** Starts a new butler with the same options: in the place of the one that crashed, or after stopping the one that runs. */
  restart(): Promise<void>
}

/**
 * Starts a butler for a test: no broker, no network, no waiting. Dispose of it to stop it: handlers that are still running are aborted, as after
 * `drainTimeoutMs`.
 *
 * @throws what `createButler` and `start` throw
 */
export async function testButler<Services extends object = {}>(options: TestButlerOptions<Services>): Promise<TestButler<Services>> {
  const { mount, name = 'test', clock = createVirtualClock(), broker: brokerOptions, transport, ...butlerOptions } = options
  const sent: OutboundMessage[] = []
  const broker = createMemoryBroker({ ...brokerOptions, clock, published: (message) => sent.push(message) })
  const outside = createButler({
    name: 'somebody else',
    // Faults that transports meet are meant for the butler under test.
    transports: [{ ...broker.transport({ clientId: 'somebody else' }), publish: broker.publish }],
    clock,
  })
  await outside.start()
  let life = await startLife()

  return {
    get butler() {
      return life.butler
    },
    broker,
    clock,
    publish: outside.publish,
    request: outside.request,
    tryRequest: outside.tryRequest,
    async settled() {
      do await eventLoopTurn()
      while (!life.atRest())
    },
    published: (topic) =>
      sent
        .filter((message) => topicMatches(topic.filter, message.topic))
        .map((message) => ({
          topic: message.topic,
          params: paramsOf(topic, message.topic),
          payload: topic.codec.decode(message.payload),
          retain: message.retain,
        })),
    deadLetters: () =>
      sent
        .filter(({ topic }) => topicMatches(deadLetters.filter, topic))
        .map(({ payload }) => deadLetters.codec.decode(payload) as DeadLetter),
    crash: () => life.crash(),
    async restart() {
      await life.end()
      life = await startLife()
    },
    async [Symbol.asyncDispose]() {
      await life.end()
      await outside.stop()
    },
  }

  async function startLife(): Promise<Life<Services>> {
    const watch = createHandlerWatch()
    const lifeClock = createMortalClock(clock)
    const connection = broker.transport({ name: 'memory', clientId: name, durable: true, ...transport })
    let crashed = false
    const butler = createButler<Services>({ ...butlerOptions, name, transports: [watch.transport(connection)], clock: lifeClock })
    for (const router of mount) butler.mount(watch.mountable(router))
    const { attach } = butler
    butler.attach = (...args: [Mountable<Services>] | [string, Mountable<Services>]) =>
      args.length === 1 ? attach(watch.mountable(args[0])) : attach(args[0], watch.mountable(args[1]))
    await butler.start()
    return {
      butler,
      atRest: () => crashed || watch.atRest(butler.metrics().active),
      crash() {
        if (crashed) return
        crashed = true
        lifeClock.end()
        broker.crash(connection.clientId)
      },
      async end() {
        if (crashed) return
        let running = true
        const stopped = butler.stop().finally(() => (running = false))
        await eventLoopTurn()
        // What is not done by now would hold the test up: its time to drain passes at once.
        if (running) await clock.advance(butlerOptions.drainTimeoutMs ?? 4_000)
        await stopped
      },
    }
  }
}

/** A butler from its start to its end. */
interface Life<Services extends object> {
  readonly butler: Butler<Services>
  atRest(): boolean
  crash(): void
  /** Stops it, if it still runs. */
  end(): Promise<void>
}

/** The parameters as a handler gets them; one whose schema does not take it, or not at once, as text. */
function paramsOf({ match, definition }: Topic, topicName: string): Readonly<Record<string, unknown>> {
  const params: Record<string, unknown> = { ...match(topicName) }
  for (const [name, schema] of Object.entries(definition.params ?? {})) {
    const result = schema['~standard'].validate(params[name])
    if (!(result instanceof Promise) && result.issues === undefined) params[name] = result.value
  }
  return params
}

const eventLoopTurn = () => new Promise((resolve) => setImmediate(resolve))
