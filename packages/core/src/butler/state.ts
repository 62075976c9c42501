import { ButlerError } from '../errors.js'
import { openMessage } from '../router/open.js'
import type { TopicOf, TopicTypes } from '../topic/topic.js'
import type { InboundMessage, QoS, Transport } from '../transport/transport.js'
import type { Listening } from './listening.js'
import type { Publishing } from './publishing.js'
import type { Watching } from './watching.js'

/** The retained message of one topic name, as a value. `undefined` where the topic holds none. */
export interface State<T extends TopicTypes> extends AsyncIterable<T['payload'] | undefined> {
  /** The topic name. */
  readonly topic: string
  /**
   * Asks the broker: subscribes, and takes what it has kept. A broker does not say that it keeps nothing; that is learnt from an echo, published
   * through it once the subscription stands, which comes back with no value before it. MQTT promises no order among topics, but every broker
   * tested sends what it has kept as it answers SUBSCRIBE. Needs the right to publish and subscribe where answers to requests go.
   *
   * @throws `SchemaError`, `CodecError` or `LimitError` for a value that does not fit the contract; `RequestError` `REQUEST_TIMEOUT` when the
   * broker does not answer within 30 s
   */
  get(): Promise<T['payload'] | undefined>
  /** Publishes the value, retained. */
  set(value: T['input']): Promise<void>
  /** Publishes an empty retained message: the topic holds nothing any more (MQTT 5.0, section 3.3.1.3). */
  clear(): Promise<void>
  /**
   * The value now, then every later one; of several that come while the loop is busy, only the last. Ends when the butler stops.
   */
  [Symbol.asyncIterator](): AsyncIterator<T['payload'] | undefined>
}

/** What states need of their butler. */
export interface StateHost {
  readonly publishing: Publishing
  readonly listening: Listening
  readonly watching: Watching
}

/**
 * Topic names whose retained message is being asked for, until that is done: it goes to who asked, not to the routes, which have had it. One
 * asks at a time, with a subscription the broker does not have from us yet.
 */
export type ExpectedRetained = Map<string, Promise<void>>

/** @throws ButlerError `STATE_UNSUPPORTED` for a contract that is not retained */
export function createState<T extends TopicTypes>(
  contract: TopicOf<T>,
  topicName: string,
  transport: Transport,
  { publishing, listening, watching }: StateHost,
  expected: ExpectedRetained,
): State<T> {
  if (contract.definition.retain !== true)
    throw new ButlerError('STATE_UNSUPPORTED', `${contract.pattern} is not retained: it holds no state`)
  if (!transport.capabilities.retain) throw new ButlerError('STATE_UNSUPPORTED', `transport "${transport.name}" retains nothing`)
  const qos = Math.min(contract.definition.qos ?? 1, transport.capabilities.qos) as QoS

  return {
    topic: topicName,
    async get() {
      const message = await inTurn(ask)
      return message && valueOf(message)
    },
    set: (value) => publishing.publishTo(contract, topicName, value, { retain: true, via: transport.name }),
    clear: () => transport.publish({ topic: topicName, payload: new Uint8Array(), qos, retain: true }),
    [Symbol.asyncIterator]: iterate,
  }

  async function inTurn<R>(work: () => Promise<R>): Promise<R> {
    const result = (expected.get(topicName) ?? Promise.resolve()).then(work)
    const done = result.then(
      () => undefined,
      () => undefined,
    )
    expected.set(topicName, done)
    try {
      return await result
    } finally {
      if (expected.get(topicName) === done) expected.delete(topicName)
    }
  }

  async function ask(): Promise<InboundMessage | undefined> {
    let last: InboundMessage | undefined
    const stop = watching.watch(topicName, (message) => (last = message))
    let release = async () => {}
    try {
      release = await listening.add(transport, { filter: freshFilter(), qos })
      // A broker sends what it has kept when we subscribe, and nothing where it has not: an echo that comes after it tells.
      await publishing.echo(transport)
    } finally {
      stop()
      await release().catch(() => undefined)
    }
    return last
  }

  async function* iterate(): AsyncGenerator<T['payload'] | undefined> {
    let latest: InboundMessage | undefined
    let wake = () => {}
    const stop = watching.watch(topicName, (message) => {
      latest = message
      wake()
    })
    const ended = () => wake()
    watching.ended.addEventListener('abort', ended)
    const release = await listening.add(transport, { filter: topicName, qos })
    try {
      await inTurn(ask)
      if (latest === undefined) yield undefined
      while (!watching.ended.aborted) {
        if (latest === undefined) {
          await new Promise<void>((resolve) => (wake = resolve))
          continue
        }
        const message = latest
        latest = undefined
        yield await valueOf(message)
      }
    } finally {
      stop()
      watching.ended.removeEventListener('abort', ended)
      if (!watching.ended.aborted) await release().catch(() => undefined)
    }
  }

  /**
   * A filter the broker does not have from us yet, or it would send nothing: `a/b/#` matches `a/b` too (MQTT 5.0, section 4.7.1.2), and so
   * does `a/+`. What else they match, nobody watches.
   */
  function freshFilter(): string {
    const taken = new Set(listening.plan(transport).subscriptions.map(({ filter }) => filter))
    const matching = [topicName, `${topicName}/#`, topicName.replace(/[^/]*$/, '+')]
    return matching.find((filter) => !taken.has(filter)) ?? topicName
  }

  async function valueOf(message: InboundMessage): Promise<T['payload'] | undefined> {
    if (message.payload.byteLength === 0) return undefined
    const { payload } = await openMessage({ topic: contract, options: {} }, message)
    return payload
  }
}
