import { copyMessage, type MemoryProtocol } from './memory-packet.js'
import { secondsLeft, type Delivery, type Session } from './memory-session.js'
import type { Disposition, InboundMessage } from './transport.js'

/** What an inbox needs of its client. */
export interface InboxHost {
  readonly protocol: MemoryProtocol
  now(): number
  receive(message: InboundMessage): Disposition | Promise<Disposition>
  /** `receive` threw or rejected, against the port's rules. */
  failed(message: InboundMessage, error: unknown): void
  /** A message was settled. */
  settled(): void
}

/** What has reached a client, until it is acknowledged. */
export interface Inbox {
  /** Messages handed on and not settled. */
  readonly inWork: number
  /** A connection stands. Where the broker had kept no session, what is being handled belongs to nobody any more. */
  connected(session: Session, present: boolean): void
  /** Acknowledgements die with the connection. */
  disconnected(): void
  take(delivery: Delivery, duplicate: boolean): void
}

/** A message of QoS 1 or 2 with the client. */
interface Held {
  readonly delivery: Delivery
  state: 'handling' | Disposition
}

/**
 * Hands messages on and acknowledges them in the order they arrived, [MQTT-4.6.0-2], each only after `receive` has settled. What a kept session
 * delivers again while it is still being handled, or after it was handled while there was no connection, is not handed on twice.
 */
export function createInbox(host: InboxHost): Inbox {
  let connection: Session | undefined
  let inWork = 0
  const held = new Map<Delivery, Held>()
  /** In order of arrival on this connection. */
  let line: Held[] = []

  return {
    get inWork() {
      return inWork
    },
    connected(session, present) {
      connection = session
      if (!present) held.clear()
    },
    disconnected() {
      connection = undefined
      line = []
    },
    take(delivery, duplicate) {
      const earlier = held.get(delivery)
      if (earlier) {
        if (!line.includes(earlier)) line.push(earlier)
        acknowledge()
        return
      }
      const arrived: Held = { delivery, state: 'handling' }
      if (delivery.qos > 0) {
        held.set(delivery, arrived)
        line.push(arrived)
      }
      void handOn(arrived, duplicate)
    },
  }

  async function handOn(arrived: Held, duplicate: boolean): Promise<void> {
    const message = toInbound(arrived.delivery, duplicate)
    inWork += 1
    try {
      arrived.state = await host.receive(message)
    } catch (error) {
      arrived.state = 'leave'
      host.failed(message, error)
    }
    inWork -= 1
    if (arrived.state === 'leave' && held.get(arrived.delivery) === arrived) held.delete(arrived.delivery)
    acknowledge()
    host.settled()
  }

  function acknowledge(): void {
    if (!connection) return
    const due = line.findIndex(({ state }) => state === 'handling')
    for (const { delivery, state } of line.splice(0, due === -1 ? line.length : due)) {
      if (state === 'leave') continue
      held.delete(delivery)
      connection.acknowledge(delivery)
    }
  }

  function toInbound(delivery: Delivery, duplicate: boolean): InboundMessage {
    const { topic, payload, properties = {} } = copyMessage(delivery.message, host.protocol)
    const { qos, retain, subscriptionIds } = delivery
    const expiry = properties.messageExpirySeconds !== undefined && { messageExpirySeconds: secondsLeft(delivery, host.now()) }
    return {
      topic,
      payload,
      qos,
      retain,
      duplicate,
      properties: { ...properties, ...expiry },
      ...(host.protocol === '5' && subscriptionIds.length > 0 && { subscriptionIds }),
    }
  }
}
