import { messageOf } from '../errors.js'
import type { FaultBox } from './memory-faults.js'
import { createInbox } from './memory-inbox.js'
import { checkFilters, checkMessage, copyMessage, MemoryTransportError, type PacketLimits } from './memory-packet.js'
import type { Link, Session } from './memory-session.js'
import type { OutboundMessage, Subscription, Transport, TransportHealth, TransportSession } from './transport.js'

/** How a transport connects to a memory broker. */
export interface MemoryTransportOptions {
  /** @defaultValue 'memory' */
  readonly name?: string
  /** Unique among the broker's clients: a second one ends the connection of the first, [MQTT-3.1.4-3]. @defaultValue the name */
  readonly clientId?: string
  /** Whether the broker keeps subscriptions and unacknowledged messages while this client is away. @defaultValue false */
  readonly durable?: boolean
  /** Unacknowledged messages of QoS 1 and 2 that may be with the client at a time, 1 or more. @defaultValue 65_535 */
  readonly receiveMaximum?: number
}

/** The broker, as its clients see it. */
export interface BrokerSide {
  readonly limits: PacketLimits
  readonly faults: Pick<FaultBox, 'check'>
  now(): number
  /** CONNECT. The will is published should the connection be lost. */
  connect(client: MemoryClient, link: Link, will: OutboundMessage | undefined): { readonly session: Session; readonly present: boolean }
  /** DISCONNECT, which takes the will back: [MQTT-3.14.4-3]. */
  disconnect(session: Session): void
  /** The connection breaks. */
  lose(session: Session): void
  subscribe(session: Session, subscriptions: readonly Subscription[]): void
  unsubscribe(session: Session, filters: readonly string[]): void
  take(message: OutboundMessage): void
  /** The client has handed a message on, or is through with it. */
  changedWork(): void
  /** The client will not come back. */
  forget(client: MemoryClient): void
}

/** One client of a memory broker: its transport, and what can happen to it. */
export interface MemoryClient {
  readonly transport: Transport
  readonly clientId: string
  readonly durable: boolean
  /** Messages handed on and not settled. */
  readonly inWork: number
  /** Its connection breaks. */
  lose(reason: string): void
  /** It connects again. @throws what the broker refuses it with; it then stays away */
  comeBack(): void
  /** Its process is gone. */
  crash(): void
}

interface Unsent {
  readonly message: OutboundMessage
  resolve(): void
  reject(reason: unknown): void
}

/** The client side of a memory broker, as a transport. */
export function createMemoryClient(broker: BrokerSide, options: MemoryTransportOptions): MemoryClient {
  const { name = 'memory', clientId = name, durable = false, receiveMaximum = 65_535 } = options
  const { limits } = broker
  const mqtt5 = limits.protocol === '5'
  let opened: TransportSession | undefined
  let connection: Session | undefined
  let health: TransportHealth = { state: 'idle', since: new Date(broker.now()) }
  let draining = false
  let ended: MemoryTransportError | undefined
  let wanted: readonly Subscription[] = []
  /** What the broker has of it, as far as this client knows. */
  let active = new Map<string, Subscription>()
  let unsent: Unsent[] = []
  const inbox = createInbox({
    protocol: limits.protocol,
    now: broker.now,
    receive: (message) => opened?.receive(message) ?? 'leave',
    // The message stays with the broker.
    failed: ({ topic }, error) => opened?.logger.error('a message could not be handed on', { topic, error }),
    settled: broker.changedWork,
  })

  const link: Link = {
    receiveMaximum,
    take(delivery, duplicate) {
      if (!draining) inbox.take(delivery, duplicate)
    },
  }

  const transport: Transport = {
    name,
    clientId,
    capabilities: {
      publish: true,
      qos: 2,
      retain: true,
      reply: mqtt5,
      userProperties: mqtt5,
      ackControl: true,
      subscriptionIdentifiers: mqtt5,
      sharedSubscriptions: true,
    },
    async open(session, { signal } = {}) {
      signal?.throwIfAborted()
      if (ended) throw ended
      if (opened) throw new MemoryTransportError('TRANSPORT_OPEN', `transport "${name}" was opened before`)
      checkFilters(session.subscriptions)
      opened = session
      wanted = session.subscriptions
      become('connecting')
      try {
        connect()
      } catch (error) {
        broker.forget(client)
        become('failed', messageOf(error))
        throw error
      }
    },
    async subscribe(subscriptions) {
      checkOpen()
      checkFilters(subscriptions)
      const before = wanted
      wanted = subscriptions
      try {
        if (connection) applySubscriptions(connection)
      } catch (error) {
        wanted = before
        throw error
      }
    },
    async publish(message, { signal } = {}) {
      signal?.throwIfAborted()
      checkOpen()
      checkMessage(message, limits)
      broker.faults.check('publish')
      const packet = copyMessage(message, limits.protocol)
      if (connection) broker.take(packet)
      else await whenConnected(packet, signal)
    },
    async drain() {
      if (draining || !opened || ended || health.state === 'failed') return
      draining = true
      // A kept session goes on collecting at the broker.
      if (!durable) wanted = []
      if (connection) applySubscriptions(connection)
      become('draining', health.reason)
      sayStatus('draining')
    },
    async close() {
      // What was settled just now is acknowledged first.
      await Promise.resolve()
      if (health.state === 'closed') return
      if (connection) {
        sayStatus('offline')
        broker.disconnect(connection)
      }
      end(new MemoryTransportError('TRANSPORT_CLOSED', `transport "${name}" is closed`))
      become('closed')
    },
    health: () => health,
  }

  const client: MemoryClient = {
    transport,
    clientId,
    durable,
    get inWork() {
      return inbox.inWork
    },
    lose(reason) {
      if (!connection) return
      const lost = connection
      leaveConnection()
      broker.lose(lost)
      become(draining ? 'draining' : 'reconnecting', reason)
    },
    comeBack() {
      if (connection || ended) return
      try {
        connect()
      } catch (error) {
        become(draining ? 'draining' : 'reconnecting', messageOf(error))
        throw error
      }
    },
    crash() {
      const lost = connection
      end(new MemoryTransportError('TRANSPORT_CRASHED', `transport "${name}" crashed`))
      // Nobody is told: there is nobody left.
      health = { state: 'failed', since: new Date(broker.now()), reason: 'crashed' }
      if (lost) broker.lose(lost)
    },
  }
  return client

  function connect(): void {
    broker.faults.check('connect')
    const status = opened?.status
    const will: OutboundMessage | undefined = status && { topic: status.topic, payload: status.offline, qos: 1, retain: true }
    const { session, present } = broker.connect(client, link, will)
    connection = session
    inbox.connected(session, present)
    if (!present) active = new Map()
    try {
      applySubscriptions(session)
    } catch (error) {
      leaveConnection()
      broker.disconnect(session)
      throw error
    }
    sayStatus(draining ? 'draining' : 'online')
    become(draining ? 'draining' : 'connected')
    const outgoing = unsent
    unsent = []
    for (const { message, resolve } of outgoing) {
      broker.take(message)
      resolve()
    }
  }

  function applySubscriptions(session: Session): void {
    const missing = wanted.filter(({ filter, qos, id }) => active.get(filter)?.qos !== qos || active.get(filter)?.id !== id)
    const named = new Set(wanted.map(({ filter }) => filter))
    const surplus = [...active.keys()].filter((filter) => !named.has(filter))
    if (missing.length > 0) broker.faults.check('subscribe')
    broker.subscribe(session, missing)
    broker.unsubscribe(session, surplus)
    active = new Map(wanted.map((subscription) => [subscription.filter, subscription]))
  }

  function leaveConnection(): void {
    connection = undefined
    inbox.disconnected()
  }

  function whenConnected(message: OutboundMessage, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry: Unsent = { message, resolve: settled(resolve), reject: settled(reject) }
      const abort = () => {
        unsent = unsent.filter((other) => other !== entry)
        entry.reject(signal?.reason)
      }
      unsent.push(entry)
      signal?.addEventListener('abort', abort, { once: true })

      function settled<A extends unknown[]>(settle: (...args: A) => void): (...args: A) => void {
        return (...args) => {
          signal?.removeEventListener('abort', abort)
          settle(...args)
        }
      }
    })
  }

  function sayStatus(state: 'online' | 'draining' | 'offline'): void {
    const status = opened?.status
    if (status && connection) broker.take({ topic: status.topic, payload: Uint8Array.from(status[state]), qos: 1, retain: true })
  }

  function end(reason: MemoryTransportError): void {
    leaveConnection()
    ended = reason
    for (const { reject } of unsent.splice(0)) reject(reason)
    broker.forget(client)
  }

  function become(state: TransportHealth['state'], reason?: string): void {
    health = { state, since: new Date(broker.now()), ...(reason !== undefined && { reason }) }
    opened?.changed(health)
  }

  function checkOpen(): void {
    if (ended) throw ended
    if (!opened || health.state === 'failed') throw new MemoryTransportError('TRANSPORT_CLOSED', `transport "${name}" is not open`)
  }
}
