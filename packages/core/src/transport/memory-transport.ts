import { ButlerError } from '../errors.js'
import { isTopicName } from '../topic/topic-name.js'
import { topicMatches } from '../topic/topic-filter.js'
import type { InboundMessage, OutboundMessage, Subscription, Transport, TransportHealth, TransportSession } from './transport.js'

/** A broker in the process, for tests and for butlers that talk to themselves. */
export interface MemoryBroker {
  /** A transport connected to this broker. @param options - `name` is `memory` unless given, `clientId` the name */
  transport(options?: { readonly name?: string; readonly clientId?: string }): Transport
  /** Sends a message as some other client would. Resolves once every receiver has settled it. */
  publish(message: OutboundMessage): Promise<void>
  /** The retained message of a topic name. */
  retained(topicName: string): OutboundMessage | undefined
}

interface Client {
  subscriptions: readonly Subscription[]
  readonly session: TransportSession
}

/** Makes a {@link MemoryBroker}: retained messages, wildcards and the MQTT 5 properties; each client gets a message once. */
export function createMemoryBroker(): MemoryBroker {
  const clients = new Set<Client>()
  const retainedMessages = new Map<string, OutboundMessage>()

  return {
    publish,
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
          await subscribe(client, session.subscriptions)
          await sayStatus('online')
        },
        async subscribe(subscriptions) {
          if (client) await subscribe(client, subscriptions)
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
    if (message.retain && message.payload.byteLength === 0) retainedMessages.delete(message.topic)
    else if (message.retain) retainedMessages.set(message.topic, message)
    // A turn later, as over a wire: nobody's handler runs inside somebody else's publish.
    await Promise.resolve()
    await Promise.all(Array.from(clients, (client) => deliver(client, message, false)))
  }

  async function subscribe(client: Client, subscriptions: readonly Subscription[]): Promise<void> {
    const before = new Set(client.subscriptions.map(({ filter }) => filter))
    client.subscriptions = subscriptions
    const added = subscriptions.filter(({ filter }) => !before.has(filter))
    for (const message of retainedMessages.values()) {
      if (added.some(({ filter }) => topicMatches(filter, message.topic))) await deliver(client, message, true)
    }
  }

  async function deliver({ subscriptions, session }: Client, message: OutboundMessage, retain: boolean): Promise<void> {
    const matching = subscriptions.filter(({ filter }) => topicMatches(filter, message.topic))
    if (matching.length === 0) return
    const qos = Math.min(message.qos, Math.max(...matching.map((each) => each.qos))) as InboundMessage['qos']
    const { topic, payload, properties = {} } = message
    await session.receive({ topic, payload, qos, retain, duplicate: false, properties })
  }
}
