import type { OutboundMessage, Transport, TransportCapabilities, TransportHealth, TransportSession } from '@butlerkit/core'
import type { ErrorWithReasonCode, IConnackPacket } from 'mqtt'
import { createBackoff } from './backoff.js'
import { reasonText, versionRefusals } from './connect-failure.js'
import { MqttError } from './errors.js'
import { holdAcks, type HeldAcks } from './held-acks.js'
import { checkMessage, limitsOf, show, type Limits, type ProtocolVersion } from './limits.js'
import { createLink, type Link } from './link.js'
import { readOptions, type MqttOptions } from './options.js'
import { createOutbox } from './outbox.js'
import { toBuffer, toPacket } from './properties.js'
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
  const subscriptions = createSubscriptions()
  const outbox = createOutbox({ ...settings.outbox, send })
  let limits = limitsOf(settings.protocol === '3.1.1' ? 4 : 5)
  let health: TransportHealth = { state: 'idle', since: new Date() }
  let session: TransportSession | undefined
  let link: Link | undefined
  let held: HeldAcks | undefined
  let draining: Promise<void> | undefined
  let closing: Promise<void> | undefined
  let reconnectTimer: NodeJS.Timeout | undefined

  function become(state: TransportHealth['state'], reason?: string): void {
    const since = state === health.state ? health.since : new Date()
    health = { state, since, ...(reason !== undefined && { reason }) }
    session?.changed(health)
  }

  /** Connects for the first time, with the newest protocol version both sides speak. */
  async function connectFirst(opened: TransportSession, signal: AbortSignal | undefined): Promise<void> {
    const versions: readonly ProtocolVersion[] = { auto: [5, 4] as const, '5': [5] as const, '3.1.1': [4] as const }[settings.protocol]
    for (const [index, version] of versions.entries()) {
      signal?.throwIfAborted()
      const candidate = createLink({ settings, version, status: opened.status, lost })
      link = candidate
      held = holdAcks(candidate.client, {
        receive: (message) => opened.receive(message),
        onError: (error) => opened.logger.error('MQTT message not handled as it should be', { transport: name, error }),
      })
      try {
        return await candidate.connect((connack) => establish(candidate, connack))
      } catch (error) {
        await candidate.end(0)
        if (index === versions.length - 1 || closing || !isVersionRefusal(error)) throw error
        opened.logger.info('the broker does not speak MQTT 5, trying 3.1.1', { transport: name, broker: settings.address })
      }
    }
  }

  /** What makes a connection ours: the subscriptions are in place and the status is told. */
  async function establish({ client, version }: Link, connack: IConnackPacket): Promise<void> {
    limits = limitsOf(version, connack.properties)
    subscriptions.connected(connack.sessionPresent)
    await subscriptions.apply(client)
    await tell(draining ? 'draining' : 'online')
  }

  function stands(): void {
    backoff.connected()
    outbox.resume(limits.window)
    session?.logger.info('connected', { transport: name, broker: settings.address, protocol: limits.version === 5 ? '5' : '3.1.1' })
    become(draining ? 'draining' : 'connected')
  }

  function lost(error: MqttError): void {
    outbox.pause(error)
    if (!closing) reconnectLater(error)
  }

  function reconnectLater(error: unknown): void {
    const waitMs = backoff.nextMs(error instanceof MqttError && isRefusal(error))
    const reason = `${error instanceof Error ? error.message : String(error)}; next attempt in ${waitMs} ms`
    session?.logger.warn('not connected', { transport: name, reason })
    reconnectTimer = setTimeout(() => void reconnect(), waitMs)
    become(draining ? 'draining' : 'reconnecting', reason)
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

  function giveUp(): void {
    void link?.end(0)
  }

  function tell(status: 'online' | 'draining' | 'offline'): Promise<void> {
    const messages = session?.status
    if (messages === undefined) return Promise.resolve()
    const message = { topic: messages.topic, payload: messages[status], qos: Math.min(1, limits.qos) as 0 | 1, retain: true }
    return new Promise((resolve, reject) => send(message, (error) => (error ? reject(error) : resolve())))
  }

  function send({ topic, payload, qos, retain, properties }: OutboundMessage, done: (error?: MqttError) => void): void {
    const packetProperties = limits.version === 5 && properties !== undefined ? { properties: toPacket(properties) } : {}
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
    held?.pause()
    if (link?.client.connected) {
      held?.flush()
      await withinTime(Promise.all([outbox.idle(), tell('offline')]))
    }
    outbox.close(new MqttError('MQTT_CLOSED', 'the transport was closed before the message was sent'))
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
      return capabilitiesOf(limits)
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
      signal?.addEventListener('abort', giveUp, { once: true })
      try {
        await connectFirst(opened, signal)
        signal?.throwIfAborted()
        if (closing) throw new MqttError('MQTT_CLOSED', 'the transport was closed while it connected')
      } catch (cause) {
        await link?.end(0)
        const error: unknown = signal?.aborted ? signal.reason : cause
        if (!closing) become('failed', error instanceof Error ? error.message : String(error))
        throw error
      } finally {
        signal?.removeEventListener('abort', giveUp)
      }
      stands()
    },
    async subscribe(wanted) {
      subscriptions.want(wanted)
      if (!link?.client.connected) return
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

function capabilitiesOf({ version, qos, retain }: Limits): TransportCapabilities {
  return { publish: true, qos, retain, reply: version === 5, userProperties: version === 5, ackControl: true }
}

/** Brokers without MQTT 5 say so, or hang up: aedes answers in the words of 3.1.1, RabbitMQ and NATS close. */
function isVersionRefusal(error: unknown): boolean {
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
