import { systemClock, type Clock } from '../clock.js'
import { topicMatches } from '../topic/topic-filter.js'
import { createMemoryClient, type BrokerSide, type MemoryClient, type MemoryTransportOptions } from './memory-client.js'
import { createFaultBox, noFaults, type MemoryFaults, type MessageFaults } from './memory-faults.js'
import { checkMessage, copyMessage, MemoryTransportError, type MemoryProtocol } from './memory-packet.js'
import { createSession, secondsLeft, type Delivery, type Session } from './memory-session.js'
import type { OutboundMessage, QoS, Subscription, Transport } from './transport.js'

/**
 * A broker in the process, for tests and for butlers that talk to themselves. Keeps to MQTT: sessions, retained messages, the will, quality of
 * service, shared subscriptions, acknowledgements, message expiry. What goes wrong in a network is one call each.
 */
export interface MemoryBroker extends MemoryFaults {
  /** A transport for a client of this broker. It connects when it is opened. */
  transport(options?: MemoryTransportOptions): Transport
  /**
   * Sends a message as some other client would. Resolves once the broker has it; {@link MemoryBroker.settled} tells when its receivers are done.
   *
   * @throws `MemoryTransportError` for what the broker does not take
   */
  publish(message: OutboundMessage): Promise<void>
  /** Resolves once no message is on its way and every message handed to a client is settled by it. What waits for the clock is not waited for. */
  settled(): Promise<void>
  /** The retained message of a topic name. */
  retained(topicName: string): OutboundMessage | undefined
  /**
   * Breaks a client's connection: its will is published, its transport is `reconnecting`.
   *
   * @param options - `forMs`: comes back by itself after so many milliseconds on the broker's clock. Without it, {@link MemoryBroker.reconnect} brings it back
   * @throws `MemoryTransportError` `CLIENT_UNKNOWN`
   */
  disconnect(clientId: string, options?: { readonly forMs?: number }): void
  /**
   * Brings a client back after {@link MemoryBroker.disconnect}.
   *
   * @throws `MemoryTransportError` `CLIENT_UNKNOWN`, or what it was refused with; it then stays away
   */
  reconnect(clientId: string): void
  /**
   * Ends a client as SIGKILL would: its will is published, nothing more leaves it, and what it had not acknowledged is delivered again to the
   * next client that takes up its session.
   *
   * @throws `MemoryTransportError` `CLIENT_UNKNOWN`
   */
  crash(clientId: string): void
}

/** How a memory broker behaves. */
export interface MemoryBrokerOptions {
  /** @defaultValue '5' */
  readonly protocol?: MemoryProtocol
  /**
   * What a client with several matching subscriptions gets: the message once at the highest of their qualities of service, or each time at that
   * subscription's. MQTT leaves it to the broker: [MQTT-3.3.4-2]. @defaultValue 'once'
   */
  readonly overlaps?: 'once' | 'each'
  /** Largest PUBLISH it takes, in bytes. @defaultValue no limit */
  readonly maxPacketBytes?: number
  /** @defaultValue systemClock */
  readonly clock?: Clock
  /** Told of every message the broker takes. */
  published?(message: OutboundMessage): void
}

/** Makes a {@link MemoryBroker}. */
export function createMemoryBroker(options: MemoryBrokerOptions = {}): MemoryBroker {
  const { protocol = '5', overlaps = 'once', maxPacketBytes = Number.POSITIVE_INFINITY, clock = systemClock, published } = options
  const limits = { protocol, maxPacketBytes }
  const faults = createFaultBox()
  const sessions = new Map<string, Session>()
  const wills = new Map<Session, OutboundMessage>()
  const clients = new Map<string, MemoryClient>()
  const retainedMessages = new Map<string, Pick<Delivery, 'message' | 'takenAt'>>()
  /** By shared subscription: how often a member was chosen. */
  const turns = new Map<string, number>()
  let steps = 0
  let waiting: (() => void)[] = []

  const side: BrokerSide = {
    limits,
    faults,
    now: () => clock.now(),
    connect(client, link, will) {
      const { clientId, durable } = client
      const before = clients.get(clientId)
      if (before !== client) before?.lose('another client has taken over the session')
      clients.set(clientId, client)
      const kept = durable ? sessions.get(clientId) : undefined
      const session = kept ?? createSession(clientId, durable, clock, soon)
      sessions.set(clientId, session)
      if (will) wills.set(session, will)
      session.attach(link)
      return { session, present: kept !== undefined }
    },
    disconnect(session) {
      wills.delete(session)
      endConnection(session)
    },
    lose(session) {
      const will = wills.get(session)
      wills.delete(session)
      endConnection(session)
      if (will) take(will)
    },
    subscribe(session, subscriptions) {
      for (const subscription of subscriptions) session.subscriptions.set(subscription.filter, subscription)
      // A shared subscription gets no retained messages: MQTT 5.0, section 4.8.2.
      const added = new Set(subscriptions.map(({ filter }) => filter).filter((filter) => !isShared(filter)))
      for (const [topicName, retained] of retainedMessages) {
        if (secondsLeft(retained, clock.now()) <= 0) retainedMessages.delete(topicName)
        else deliver(session, { ...retained, retain: true, faults: noFaults }, (filter) => added.has(filter))
      }
    },
    unsubscribe(session, filters) {
      for (const filter of filters) session.subscriptions.delete(filter)
    },
    take,
    changedWork: tellSettled,
    forget(client) {
      if (clients.get(client.clientId) === client) clients.delete(client.clientId)
      tellSettled()
    },
  }

  const broker: MemoryBroker = {
    duplicateNext: faults.duplicateNext,
    dropNext: faults.dropNext,
    delayNext: faults.delayNext,
    refuseNext: faults.refuseNext,
    transport: (transportOptions = {}) => createMemoryClient(side, transportOptions).transport,
    async publish(message) {
      checkMessage(message, limits)
      take(copyMessage(message, protocol))
    },
    settled: () => (isSettled() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    retained(topicName) {
      const retained = retainedMessages.get(topicName)
      return retained && secondsLeft(retained, clock.now()) > 0 ? retained.message : undefined
    },
    disconnect(clientId, { forMs } = {}) {
      const client = clientOf(clientId)
      client.lose('the connection was broken')
      if (forMs !== undefined) clock.schedule(() => comeBack(client, forMs), forMs)
    },
    reconnect: (clientId) => clientOf(clientId).comeBack(),
    crash: (clientId) => clientOf(clientId).crash(),
  }
  return broker

  function take(message: OutboundMessage): void {
    published?.(message)
    const { topic: topicName, retain, payload } = message
    const takenAt = clock.now()
    if (retain && payload.byteLength === 0) retainedMessages.delete(topicName) // [MQTT-3.3.1-6]
    else if (retain) retainedMessages.set(topicName, { message, takenAt })
    const routed = { message, takenAt, retain: false, faults: faults.takeFor(message) }
    for (const session of sessions.values()) deliver(session, routed, (filter) => !isShared(filter))
    deliverShared(routed)
  }

  /** Puts a message in line for a session: for the matching subscriptions among those that count. */
  function deliver(session: Session, routed: Routed, counts: (filter: string) => boolean): void {
    const matching = [...session.subscriptions.values()].filter(
      ({ filter }) => counts(filter) && topicMatches(filter, routed.message.topic),
    )
    for (const copy of overlaps === 'each' ? matching.map((one) => [one]) : [matching]) {
      if (copy.length > 0) session.offer(toDelivery(routed, copy))
    }
  }

  /** One member of each shared subscription gets the message: MQTT 5.0, section 4.8.2. */
  function deliverShared(routed: Routed): void {
    const shares = new Set<string>()
    for (const { subscriptions } of sessions.values()) {
      for (const filter of subscriptions.keys()) {
        if (isShared(filter) && !shares.has(filter) && topicMatches(filter, routed.message.topic)) shares.add(filter)
      }
    }
    for (const share of shares) offerToMember(share, routed)
  }

  function offerToMember(share: string, routed: Routed): void {
    const members = membersOf(share)
    const connected = members.filter((member) => member.connected)
    const candidates = connected.length > 0 ? connected : members
    const turn = turns.get(share) ?? 0
    turns.set(share, turn + 1)
    const member = candidates[turn % candidates.length]
    const subscription = member?.subscriptions.get(share)
    if (member && subscription) member.offer({ ...toDelivery(routed, [subscription]), share })
  }

  function endConnection(session: Session): void {
    session.detach()
    const hasOther = (share: string) => membersOf(share).some((member) => member !== session && member.connected)
    const withdrawn = session.withdrawShared(hasOther)
    if (!session.durable) sessions.delete(session.clientId)
    for (const delivery of withdrawn) if (delivery.share !== undefined) offerToMember(delivery.share, { ...delivery, faults: noFaults })
  }

  function membersOf(share: string): readonly Session[] {
    return [...sessions.values()].filter(({ subscriptions }) => subscriptions.has(share))
  }

  function clientOf(clientId: string): MemoryClient {
    const client = clients.get(clientId)
    if (client === undefined) throw new MemoryTransportError('CLIENT_UNKNOWN', `no client ${JSON.stringify(clientId)} is open`)
    return client
  }

  function comeBack(client: MemoryClient, againAfterMs: number): void {
    try {
      client.comeBack()
    } catch {
      // Its health tells why.
      clock.schedule(() => comeBack(client, againAfterMs), againAfterMs)
    }
  }

  // A turn later, as over a wire: nobody's handler runs inside somebody else's publish.
  function soon(step: () => void): void {
    steps += 1
    queueMicrotask(() => {
      step()
      steps -= 1
      tellSettled()
    })
  }

  function isSettled(): boolean {
    return steps === 0 && [...clients.values()].every(({ inWork }) => inWork === 0)
  }

  function tellSettled(): void {
    if (waiting.length === 0 || !isSettled()) return
    for (const resolve of waiting.splice(0)) resolve()
  }
}

/** A message the broker has taken, not yet for anybody. */
interface Routed extends Pick<Delivery, 'message' | 'takenAt' | 'retain'> {
  readonly faults: MessageFaults
}

function isShared(filter: string): boolean {
  return filter.startsWith('$share/')
}

/** One copy of a message, by one subscription or by several. */
function toDelivery(routed: Routed, subscriptions: readonly Subscription[]): Delivery {
  const granted = Math.max(...subscriptions.map(({ qos }) => qos))
  const subscriptionIds = subscriptions.flatMap(({ id }) => (id === undefined ? [] : [id]))
  return { ...routed, qos: Math.min(granted, routed.message.qos) as QoS, share: undefined, subscriptionIds }
}
