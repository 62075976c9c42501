import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  messageOf,
  type InboundMessage,
  type OutboundMessage,
  type Transport,
  type TransportHealth,
  type TransportSession,
} from '@butlerkit/core'
import type { IConnackPacket } from 'mqtt'
import { createConnection } from './connection.js'
import { MqttError } from './errors.js'
import { withinTime } from './farewell.js'
import { holdAcks, type HeldAcks } from './held-acks.js'
import { createInbox } from './inbox.js'
import { checkMessage, problemOf, show } from './limits.js'
import type { Link } from './link.js'
import { createOffer } from './offer.js'
import { readOptions, type MqttOptions } from './options.js'
import { createOutbox } from './outbox.js'
import { persistOutbox } from './persistent-outbox.js'
import { createStatusTeller } from './status-teller.js'
import { createSubscriptions } from './subscriptions.js'

/**
 * MQTT as a transport: mqtt.js with acknowledgements held until the handler is done, a connection that comes back, and errors that
 * name the cause. One call is one client, at one broker at a time.
 *
 * @throws {@link MqttError} `MQTT_OPTIONS` naming the option that is wrong
 */
export function mqtt(options: MqttOptions): Transport {
  const settings = readOptions(options)
  const { name, clientId, durable } = settings
  const subscriptions = createSubscriptions(settings.subscription)
  const offer = createOffer(settings, () => {
    session?.logger.warn('the broker does not let us find out whether it shares subscriptions', { transport: name })
  })
  const memory = createOutbox({ ...settings.outbox, send })
  const { persist } = settings.outbox
  const kept = persist && persistOutbox(memory, persist, { check: (message) => checkMessage(message, offer.limits), onError: notKept })
  const outbox = kept ?? memory
  const connection = createConnection({ settings, subscriptions, wasTrying, made, establish, stood, lost: outbox.pause, waiting })
  const status = createStatusTeller(
    () => session?.status,
    () => offer.limits.qos,
    () => connection.link,
  )
  let health: TransportHealth = { state: 'idle', since: new Date() }
  let session: TransportSession | undefined
  let held: HeldAcks | undefined
  let draining: Promise<void> | undefined
  let closing: Promise<void> | undefined

  function become(state: TransportHealth['state'], reason?: string): void {
    const since = state === health.state ? health.since : new Date()
    health = { state, since, ...(reason !== undefined && { reason }) }
    session?.changed(health)
  }

  function made({ client }: Link, { receive, logger }: TransportSession): void {
    const onError = (error: unknown) => logger.error('MQTT message not handled as it should be', { transport: name, error })
    const inbox = createInbox({
      ...settings.inbox,
      maxInFlight: settings.maxInFlight,
      receive: (message: InboundMessage) => (offer.hears(message) ? 'ack' : receive(message)),
      onError,
      dropping: () => logger.warn('too many messages of QoS 0: dropping', { transport: name, policy: settings.inbox.whenFull }),
      dropped: (count) => logger.warn('messages of QoS 0 were dropped', { transport: name, count }),
    })
    held = holdAcks(client, { inbox, onError, durable, left })
  }

  function left(count: number): void {
    if (!durable) return session?.logger.error('a message was left, and is lost: the session is not durable', { transport: name })
    session?.logger.warn('a message was left; it comes again after the next connect', { transport: name, count })
    if (count === 1) connection.link?.renew('a message was left', settings.redeliverMs)
    // Each keeps a place in the window of the broker, which may be as small as 20; when it is full, nothing comes any more.
    if (count === mostLeft) connection.link?.renew(`${count} messages were left`, soonMs)
  }

  /** What makes a connection ours: the subscriptions are in place and the status is told. */
  async function establish(link: Link, connack: IConnackPacket): Promise<void> {
    if (link.moved) session?.logger.warn('went over to another broker', { transport: name, broker: link.address })
    else if (durable && offer.certain && !connack.sessionPresent) {
      session?.logger.error('the broker has lost our session, and what waited in it', { transport: name })
    }
    offer.accepted(link, connack.properties)
    subscriptions.connected(connack.sessionPresent, offer.limits.subscriptionIds)
    if (subscriptions.shares()) await offer.checkSharing(link)
    await Promise.all([subscriptions.apply(link.client), offer.learnQos(link)])
    offer.subscribed(subscriptions.grantedQos)
    await status.begin(draining ? 'draining' : 'online').catch((error: unknown) => {
      // With credentials that may only read, reading goes on.
      if (!MqttError.is(error, 'MQTT_PUBLISH_REFUSED')) throw error
      session?.logger.warn('the broker refuses the status message', { transport: name, error })
    })
  }

  function notKept(error: unknown): void {
    session?.logger.error('the store of the outbox failed', { transport: name, error })
  }

  function stood(): void {
    const { limits } = offer
    const { version, window, windowQos2 } = limits
    outbox.resume(window, windowQos2, (message) => problemOf(message, limits))
    session?.logger.info('connected', { transport: name, broker: connection.link?.address, protocol: version === 5 ? '5' : '3.1.1' })
    become(draining ? 'draining' : 'connected', withheld())
  }

  function wasTrying(): boolean {
    return [offer.wasAsking(), status.wasBeginning()].includes(true)
  }

  /** What a connection that stands does not do, and why. */
  function withheld(): string | undefined {
    const refused = connection.link?.refused.map(show) ?? []
    if (status.silent) return 'the status is not told: the broker has hung up each time it was'
    return refused.length > 0 ? `the broker has hung up each time something was published to ${refused.join(', ')}` : undefined
  }

  function waiting(state: 'connecting' | 'reconnecting', reason: string): void {
    session?.logger.warn('not connected', { transport: name, reason })
    become(draining ? 'draining' : state, reason)
  }

  function send(message: OutboundMessage, done: (error?: MqttError) => void): void {
    connection.link?.send(message, done)
  }

  function checkOpen({ topic }: OutboundMessage): void {
    if (closing) throw new MqttError('MQTT_CLOSED', `publish ${show(topic)}: the transport is closed`)
    if (health.state === 'idle' || health.state === 'failed') {
      throw new MqttError('MQTT_NOT_CONNECTED', `publish ${show(topic)}: the transport is not open`)
    }
  }

  function drainOnce(): Promise<void> {
    if (session !== undefined && health.state !== 'failed') become('draining', health.reason)
    // A kept session goes on collecting at the broker.
    if (durable) held?.pause()
    else subscriptions.want([])
    const work = async () => {
      const { link } = connection
      if (!link?.client.connected) return
      await Promise.all([status.tell('draining'), durable ? undefined : subscriptions.apply(link.client)])
    }
    return saidInTime(work()).finally(() => held?.pause())
  }

  async function closeOnce(): Promise<void> {
    connection.stop(new MqttError('MQTT_CLOSED', 'the transport was closed while it connected'))
    held?.pause()
    if (connection.link?.client.connected) {
      // What was settled in this turn is acknowledged, too.
      await nextTurn()
      held?.flush()
      await saidInTime(Promise.all([outbox.idle(), status.tell('offline'), durable ? connection.link.ping() : undefined]))
    }
    outbox.close(new MqttError('MQTT_CLOSED', 'the transport was closed before the message was sent'))
    // Nothing is left but what the store has still to forget.
    await outbox.idle()
    await connection.link?.end(settings.closeTimeoutMs)
    become('closed')
  }

  async function saidInTime(work: Promise<unknown>): Promise<void> {
    await withinTime(connection.link, settings.closeTimeoutMs, work).catch((error: unknown) => {
      session?.logger.warn('could not say good-bye to the broker', { transport: name, error })
    })
  }

  return {
    name,
    clientId,
    get capabilities() {
      return offer.capabilities
    },
    async open(opened, { signal } = {}) {
      signal?.throwIfAborted()
      if (closing) throw new MqttError('MQTT_CLOSED', 'the transport is closed')
      if (health.state !== 'idle') throw new MqttError('MQTT_OPTIONS', 'open: the transport is open already')
      session = opened
      if (opened.status) checkMessage({ topic: opened.status.topic, payload: opened.status.offline, qos: 1, retain: true }, offer.limits)
      subscriptions.want(opened.subscriptions)
      if (settings.tls.rejectUnauthorized === false) opened.logger.warn("the broker's certificate is not checked", { transport: name })
      become('connecting')
      await kept?.load()
      await connection.open(opened, signal).catch((error: unknown) => {
        if (!closing) become('failed', messageOf(error))
        throw error
      })
    },
    async subscribe(wanted) {
      subscriptions.want(wanted)
      const { link } = connection
      if (!link?.client.connected) return
      if (subscriptions.shares()) await offer.checkSharing(link)
      await subscriptions.apply(link.client).catch((error: unknown) => {
        // The next connection begins with what is wanted.
        if (MqttError.is(error, 'MQTT_NOT_CONNECTED')) return
        // What was refused now must not keep us from connecting again later.
        if (error instanceof MqttError) subscriptions.forget(error.refused ?? [])
        throw error
      })
    },
    // Not async: a promise more for each message that waits.
    publish(message, { signal } = {}) {
      try {
        signal?.throwIfAborted()
        checkOpen(message)
        checkMessage(message, offer.limits)
      } catch (error) {
        return Promise.reject(error)
      }
      return outbox.add(message, signal)
    },
    drain() {
      return (draining ??= drainOnce())
    },
    close() {
      return (closing ??= closeOnce())
    },
    health: () => health,
  }
}

/** Half of the smallest window in use, Mosquitto's. */
const mostLeft = 10

/** What is under way has time to arrive: of a connection that ends at once, and the next, and so on, nothing would. */
const soonMs = 1_000
