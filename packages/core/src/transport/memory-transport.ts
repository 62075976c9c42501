import { ButlerError } from '../errors.js'
import { isTopicName } from '../topic/topic-name.js'
import { topicMatches } from '../topic/topic-filter.js'
import type { InboundMessage, OutboundMessage, Subscription, Transport, TransportHealth, TransportSession } from './transport.js'

/** A broker in the process, for tests and for butlers that talk to themselves. */
export interface MemoryBroker {
  /** A transport connected to this broker. @param options - `name` is `memory` unless given, `clientId` the name */
  transport(options?: { readonly name?: string; readonly clientId?: string }): Transport
  /** Sends a message as some other client would. Resolves once the broker has it; `settled` tells when its receivers are done. */
  publish(message: OutboundMessage): Promise<void>
  /** Resolves once every message handed to a client is settled by it. */
  settled(): Promise<void>
  /** The retained message of a topic name. */
  retained(topicName: string): OutboundMessage | undefined
}

/** How a memory broker behaves. */
export interface MemoryBrokerOptions {
  /** Told of every message the broker takes. */
  published?(message: OutboundMessage): void
}

interface Client {
  subscriptions: readonly Subscription[]
  readonly session: TransportSession
}

/** Makes a {@link MemoryBroker}: retained messages, wildcards and the MQTT 5 properties; each client gets a message once. */
export function createMemoryBroker({ published }: MemoryBrokerOptions = {}): MemoryBroker {
  const clients = new Set<Client>()
  const retainedMessages = new Map<string, OutboundMessage>()
  const deliveries = new Set<Promise<unknown>>()

  return {
    publish,
    async settled() {
      while (deliveries.size > 0) await Promise.all(deliveries)
    },
    retained: (topicName) => retainedMessages.get(topicName),
    transport({ name = 'memory', clientId = name } = {}) {
      let client: Client | undefined
      let health: TransportHealth = { state: 'idle', since: new Date() }
      return {
        name,
        clientId,
        capabilities: { publish: true, qos: 2, retain: true, reply: true, userProperties: true, ackControl: true },
        async open(session) {
          client = { session, subscriptions: [] }
          clients.add(client)
          change('connected')
          subscribe(client, session.subscriptions)
          await sayStatus('online')
        },
        async subscribe(subscriptions) {
          if (client) subscribe(client, subscriptions)
        },
        async publish(message) {
          if (client === undefined || !clients.has(client)) throw new ButlerError('TRANSPORT_CLOSED', `transport "${name}" is not open`)
          await publish(message)
        },
        async drain() {
          if (client === undefined || health.state !== 'connected') return
          client.subscriptions = []
          change('draining')
          await sayStatus('draining')
        },
        async close() {
          if (client === undefined || !clients.has(client)) return
          await sayStatus('offline')
          clients.delete(client)
          change('closed')
        },
        health: () => health,
      }

      function change(state: TransportHealth['state']): void {
        health = { state, since: new Date() }
        client?.session.changed(health)
      }

      async function sayStatus(state: 'online' | 'draining' | 'offline'): Promise<void> {
        const status = client?.session.status
        if (status) await publish({ topic: status.topic, payload: status[state], qos: 1, retain: true })
      }
    },
  }

  async function publish(message: OutboundMessage): Promise<void> {
    if (!isTopicName(message.topic)) throw new ButlerError('TOPIC_INVALID', `${JSON.stringify(message.topic)} is not a topic name`)
    published?.(message)
    if (message.retain && message.payload.byteLength === 0) retainedMessages.delete(message.topic)
    else if (message.retain) retainedMessages.set(message.topic, message)
    for (const client of clients) deliver(client, message, false)
  }

  function subscribe(client: Client, subscriptions: readonly Subscription[]): void {
    const before = new Set(client.subscriptions.map(({ filter }) => filter))
    client.subscriptions = subscriptions
    const added = subscriptions.filter(({ filter }) => !before.has(filter))
    for (const message of retainedMessages.values()) {
      if (added.some(({ filter }) => topicMatches(filter, message.topic))) deliver(client, message, true)
    }
  }

  function deliver({ subscriptions, session }: Client, message: OutboundMessage, retain: boolean): void {
    const matching = subscriptions.filter(({ filter }) => topicMatches(filter, message.topic))
    if (matching.length === 0) return
    const qos = Math.min(message.qos, Math.max(...matching.map((each) => each.qos))) as InboundMessage['qos']
    const { topic, payload, properties = {} } = message
    // A turn later, as over a wire: nobody's handler runs inside somebody else's publish.
    const delivery = Promise.resolve().then(() => session.receive({ topic, payload, qos, retain, duplicate: false, properties }))
    deliveries.add(delivery)
    void delivery.then(() => deliveries.delete(delivery))
  }
}
