import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import {
  messageOf,
  type InboundMessage,
  type OutboundMessage,
  type QoS,
  type Transport,
  type TransportCapabilities,
  type TransportHealth,
  type TransportSession,
} from '@butlerkit/core'
import type { ErrorWithReasonCode, IConnackPacket } from 'mqtt'
import { createBackoff } from './backoff.js'
import { reasonText, versionRefusals } from './connect-failure.js'
import { MqttError } from './errors.js'
import { holdAcks, type HeldAcks } from './held-acks.js'
import { createInbox } from './inbox.js'
import { checkMessage, limitsOf, show, type Limits, type ProtocolVersion } from './limits.js'
import { createLink, type Link } from './link.js'
import { readOptions, type MqttOptions } from './options.js'
import { createOutbox } from './outbox.js'
import { persistOutbox } from './persistent-outbox.js'
import { toBuffer, toPacket } from './properties.js'
import { createSharingProbe, type SharingProbe } from './sharing.js'
import { createSubscriptions } from './subscriptions.js'

/**
 * MQTT as a transport: mqtt.js with acknowledgements held until the handler is done, a connection that comes back, and errors that
 * name the cause. One call is one client at one broker.
 *
 * @throws {@link MqttError} `MQTT_OPTIONS` naming the option that is wrong
 */
export function mqtt(options: MqttOptions): Transport {
  const settings = readOptions(options)
  const { name, clientId, durable } = settings
  const backoff = createBackoff(settings.reconnect)
  const subscriptions = createSubscriptions(settings.subscription)
  const memory = createOutbox({ ...settings.outbox, send })
  const { persist } = settings.outbox
  const kept = persist && persistOutbox(memory, persist, notKept)
  const outbox = kept ?? memory
  let limits = limitsOf(settings.protocol === '3.1.1' ? 4 : 5)
  let health: TransportHealth = { state: 'idle', since: new Date() }
  let session: TransportSession | undefined
  let link: Link | undefined
  let held: HeldAcks | undefined
  let draining: Promise<void> | undefined
  let closing: Promise<void> | undefined
  let reconnectTimer: NodeJS.Timeout | undefined
  let known: { readonly of: Limits; readonly offered: TransportCapabilities } | undefined
  let establishedBefore = false
  let probe: SharingProbe | undefined
  /** Whether a broker of MQTT 3.1.1 shares subscriptions, as far as we have found out. */
  let shares: boolean | undefined
  const stopped = new AbortController()

  function become(state: TransportHealth['state'], reason?: string): void {
    const since = state === health.state ? health.since : new Date()
    health = { state, since, ...(reason !== undefined && { reason }) }
    session?.changed(health)
  }

  /** Tries until a connection stands, where the options say so. */
  async function connectFirst(opened: TransportSession, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await negotiate(opened, signal)
      } catch (error) {
        if (settings.firstConnect === 'reject' || signal.aborted || !isWorthWaiting(error)) throw error
        await sleep(reportWait('connecting', error), undefined, { signal })
      }
    }
  }

  /** Connects with the newest protocol version both sides speak. */
  async function negotiate(opened: TransportSession, signal: AbortSignal): Promise<void> {
    const tried = { auto: autoVersions, '5': [5] as const, '3.1.1': [4] as const }[settings.protocol]
    for (let index = 0; ; index += 1) {
      signal.throwIfAborted()
      const version = tried[index] ?? 4
      const candidate = createLink({ settings, version, status: opened.status, lost })
      link = candidate
      held = hold(candidate, opened)
      try {
        return await candidate.connect((connack) => establish(candidate, connack))
      } catch (error) {
        await candidate.end(0)
        // What ejabberd does on a shared subscription is to hang up.
        if (subscriptions.shares() && error instanceof MqttError && error.code === 'MQTT_NOT_CONNECTED') throw notShared(error)
        if (index === tried.length - 1 || !isVersionRefusal(error)) throw error
        // One that says so is not asked twice; one that only hangs up may have had another reason.
        if (error.reasonCode !== undefined) index = tried.length - 2
        opened.logger.info('the broker may not speak MQTT 5', { transport: name, broker: settings.address, reason: error.message })
      }
    }
  }

  function hold({ client }: Link, { receive, logger }: TransportSession): HeldAcks {
    const onError = (error: unknown) => logger.error('MQTT message not handled as it should be', { transport: name, error })
    const inbox = createInbox({
      ...settings.inbox,
      maxInFlight: settings.maxInFlight,
      receive: (message: InboundMessage) => (probe?.hears(message) ? 'ack' : receive(message)),
      onError,
      dropping: () => logger.warn('too many messages of QoS 0: dropping', { transport: name, policy: settings.inbox.whenFull }),
      dropped: (count) => logger.warn('messages of QoS 0 were dropped', { transport: name, count }),
    })
    return holdAcks(client, { inbox, onError, durable, left })
  }

  function left(count: number): void {
    if (!durable) return session?.logger.error('a message was left, and is lost: the session is not durable', { transport: name })
    session?.logger.warn('a message was left; it comes again after the next connect', { transport: name, count })
    // Each keeps a place in the window of the broker, which may be as small as 20; when it is full, nothing comes any more.
    if (count === mostLeft) link?.renew(`${count} messages were left`)
  }

  /** What makes a connection ours: the subscriptions are in place and the status is told. */
  async function establish({ client, version }: Link, connack: IConnackPacket): Promise<void> {
    limits = limitsOf(version, connack.properties)
    if (durable && establishedBefore && !connack.sessionPresent) {
      session?.logger.error('the broker has lost our session, and what waited in it', { transport: name })
    }
    subscriptions.connected(connack.sessionPresent, limits.subscriptionIds)
    if (subscriptions.shares()) await checkSharing(client)
    await subscriptions.apply(client)
    // MQTT 3.1.1 has no other word for the highest QoS of a broker.
    if (version === 4) limits = { ...limits, qos: Math.min(limits.qos, subscriptions.grantedQos) as QoS }
    establishedBefore = true
    await tell(draining ? 'draining' : 'online').catch((error: unknown) => {
      // With credentials that may only read, reading goes on.
      if (!MqttError.is(error, 'MQTT_PUBLISH_REFUSED')) throw error
      session?.logger.warn('the broker refuses the status message', { transport: name, error })
    })
  }

  /** @throws {@link MqttError} `MQTT_UNSUPPORTED` where a broker would send us nothing, or everything */
  async function checkSharing(client: Link['client']): Promise<void> {
    if (limits.shares === undefined && shares === undefined) {
      probe = createSharingProbe()
      try {
        shares = await probe.run(client, settings.connectTimeoutMs / 2)
      } catch (cause) {
        throw cause instanceof MqttError ? cause : notShared(cause)
      } finally {
        probe = undefined
      }
      if (shares === undefined)
        session?.logger.warn('the broker does not let us find out whether it shares subscriptions', { transport: name })
    }
    if ((limits.shares ?? shares) === false) throw notShared()
  }

  /** Before the first connection we hope; where MQTT 3.1.1 was never asked to share, we do not promise it. */
  function isShared(): boolean {
    return limits.shares ?? shares ?? !establishedBefore
  }

  function capabilities(): TransportCapabilities {
    const shared = isShared()
    // Asked for with every message.
    if (known?.of !== limits || known.offered.sharedSubscriptions !== shared)
      known = { of: limits, offered: capabilitiesOf(limits, shared) }
    return known.offered
  }

  function notShared(cause?: unknown): MqttError {
    return new MqttError('MQTT_UNSUPPORTED', `${settings.address} has no shared subscriptions, which a group needs`, { cause })
  }

  function notKept(error: unknown): void {
    session?.logger.error('the store of the outbox failed', { transport: name, error })
  }

  function stands(): void {
    backoff.connected()
    outbox.resume(limits.window, limits.windowQos2)
    session?.logger.info('connected', { transport: name, broker: settings.address, protocol: limits.version === 5 ? '5' : '3.1.1' })
    become(draining ? 'draining' : 'connected')
  }

  function lost(error: MqttError): void {
    outbox.pause(error)
    if (!closing) reconnectLater(error)
  }

  function reconnectLater(error: unknown): void {
    reconnectTimer = setTimeout(() => void reconnect(), reportWait(draining ? 'draining' : 'reconnecting', error))
  }

  /** @returns milliseconds to wait before the next attempt */
  function reportWait(state: TransportHealth['state'], error: unknown): number {
    const { attempt, waitMs } = backoff.next(error instanceof MqttError && isRefusal(error))
    const reason = `${messageOf(error)}; attempt ${attempt} in ${waitMs} ms`
    session?.logger.warn('not connected', { transport: name, reason })
    become(state, reason)
    return waitMs
  }

  async function reconnect(): Promise<void> {
    const current = link
    if (current === undefined) return
    try {
      await current.connect((connack) => establish(current, connack))
      if (!closing) stands()
    } catch (error) {
      if (!closing) reconnectLater(error)
    }
  }

  function tell(status: 'online' | 'draining' | 'offline'): Promise<void> {
    const messages = session?.status
    if (messages === undefined) return Promise.resolve()
    const message = { topic: messages.topic, payload: messages[status], qos: Math.min(1, limits.qos) as 0 | 1, retain: true }
    return new Promise((resolve, reject) => send(message, (error) => (error ? reject(error) : resolve())))
  }

  function send({ topic, payload, qos, retain, properties }: OutboundMessage, done: (error?: MqttError) => void): void {
    const packetProperties = limits.version === 5 && properties !== undefined ? { properties: toPacket(properties) } : {}
    link?.cork()
    link?.client.publish(topic, toBuffer(payload), { qos, retain, ...packetProperties }, (error) => {
      // 0x92 answers PUBREL: the broker took the message and has forgotten that it did (MQTT 5.0, section 3.7.2.1).
      if (!error || ('code' in error && error.code === 0x92)) return done()
      done(publishFailure(topic, error))
    })
  }

  function drainOnce(): Promise<void> {
    if (session !== undefined && health.state !== 'failed') become('draining', health.reason)
    // A kept session goes on collecting at the broker.
    if (durable) held?.pause()
    else subscriptions.want([])
    const work = async () => {
      if (!link?.client.connected) return
      await Promise.all([tell('draining'), durable ? undefined : subscriptions.apply(link.client)])
    }
    return withinTime(work()).finally(() => held?.pause())
  }

  async function closeOnce(): Promise<void> {
    clearTimeout(reconnectTimer)
    stopped.abort(new MqttError('MQTT_CLOSED', 'the transport was closed while it connected'))
    held?.pause()
    if (link?.client.connected) {
      // What was settled in this turn is acknowledged, too.
      await nextTurn()
      held?.flush()
      await withinTime(Promise.all([outbox.idle(), tell('offline')]))
    }
    outbox.close(new MqttError('MQTT_CLOSED', 'the transport was closed before the message was sent'))
    // Nothing is left but what the store has still to forget.
    await outbox.idle()
    await link?.end(settings.closeTimeoutMs)
    become('closed')
  }

  /** Waits for the broker, but not for ever, and not when the connection is lost: what was sent is then never answered. */
  async function withinTime(work: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    let gone = () => {}
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, settings.closeTimeoutMs)
      gone = resolve
      link?.client.once('close', gone)
    })
    try {
      await Promise.race([work, over])
    } catch (error) {
      session?.logger.warn('could not say good-bye to the broker', { transport: name, error })
    } finally {
      clearTimeout(timer)
      link?.client.off('close', gone)
    }
  }

  return {
    name,
    clientId,
    get capabilities() {
      return capabilities()
    },
    async open(opened, { signal } = {}) {
      signal?.throwIfAborted()
      if (closing) throw new MqttError('MQTT_CLOSED', 'the transport is closed')
      if (health.state !== 'idle') throw new MqttError('MQTT_OPTIONS', 'open: the transport is open already')
      session = opened
      if (opened.status) checkMessage({ topic: opened.status.topic, payload: opened.status.offline, qos: 1, retain: true }, limits)
      subscriptions.want(opened.subscriptions)
      if (settings.tls.rejectUnauthorized === false) opened.logger.warn("the broker's certificate is not checked", { transport: name })
      become('connecting')
      await kept?.load()
      const enough = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal
      const giveUp = () => void link?.end(0)
      enough.addEventListener('abort', giveUp, { once: true })
      try {
        await connectFirst(opened, enough)
        enough.throwIfAborted()
      } catch (cause) {
        await link?.end(0)
        const error: unknown = enough.aborted ? enough.reason : cause
        if (!closing) become('failed', messageOf(error))
        throw error
      } finally {
        enough.removeEventListener('abort', giveUp)
      }
      stands()
    },
    async subscribe(wanted) {
      subscriptions.want(wanted)
      if (!link?.client.connected) return
      if (subscriptions.shares()) await checkSharing(link.client)
      await subscriptions.apply(link.client).catch((error: unknown) => {
        // What was refused now must not keep us from connecting again later.
        if (error instanceof MqttError) subscriptions.forget(error.refused ?? [])
        throw error
      })
    },
    async publish(message, { signal } = {}) {
      signal?.throwIfAborted()
      if (closing) throw new MqttError('MQTT_CLOSED', `publish ${show(message.topic)}: the transport is closed`)
      if (health.state === 'idle' || health.state === 'failed') {
        throw new MqttError('MQTT_NOT_CONNECTED', `publish ${show(message.topic)}: the transport is not open`)
      }
      checkMessage(message, limits)
      await outbox.add(message, signal)
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

function capabilitiesOf({ version, qos, retain, subscriptionIds }: Limits, sharedSubscriptions: boolean): TransportCapabilities {
  const five = version === 5
  return {
    publish: true,
    qos,
    retain,
    reply: five,
    userProperties: five,
    ackControl: true,
    subscriptionIdentifiers: subscriptionIds,
    sharedSubscriptions,
  }
}

/** A broker that hangs up on MQTT 5 gets a second chance: it may be starting. */
const autoVersions: readonly ProtocolVersion[] = [5, 5, 4]

/** Half of the smallest window in use, Mosquitto's. */
const mostLeft = 10

/** Whether another attempt can end differently: not where we ask for what the broker cannot do. */
function isWorthWaiting(error: unknown): boolean {
  return !MqttError.is(error, 'MQTT_UNSUPPORTED')
}

/** Brokers without MQTT 5 say so, or hang up: aedes answers in the words of 3.1.1, RabbitMQ and NATS close. */
function isVersionRefusal(error: unknown): error is MqttError {
  return (
    error instanceof MqttError &&
    error.code === 'MQTT_PROTOCOL' &&
    (error.reasonCode === undefined || versionRefusals.has(error.reasonCode))
  )
}

/** The broker is there and does not want us: asking again at once is no use, and may look like an attack. */
function isRefusal({ code, reasonCode }: MqttError): boolean {
  // 0x8e: another client has taken over our session. Two with one client identifier would take it from each other for ever.
  return code === 'MQTT_AUTH' || code === 'MQTT_SUBSCRIBE_REFUSED' || reasonCode === 0x8e
}

function publishFailure(topic: string, cause: Error | ErrorWithReasonCode): MqttError {
  const reasonCode = 'code' in cause && typeof cause.code === 'number' ? cause.code : undefined
  if (reasonCode === undefined) return new MqttError('MQTT_NOT_CONNECTED', `publish ${show(topic)}: ${cause.message}`, { cause })
  return new MqttError('MQTT_PUBLISH_REFUSED', `publish ${show(topic)}: ${reasonText(reasonCode)}`, { reasonCode, cause })
}
