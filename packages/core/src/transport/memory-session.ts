import type { Clock } from '../clock.js'
import { noFaults, type MessageFaults } from './memory-faults.js'
import type { OutboundMessage, QoS, Subscription } from './transport.js'

/** One message on its way to one client. Stands for MQTT's packet identifier: the same again is the same delivery. */
export interface Delivery {
  readonly message: OutboundMessage
  /** The lower of the publisher's and the subscription's. */
  readonly qos: QoS
  /** Kept by the broker, and sent because of a subscription: MQTT 5.0, section 3.3.1.3. */
  readonly retain: boolean
  /** The shared subscription it came by. */
  readonly share: string | undefined
  /** Identifiers of the subscriptions it came by: [MQTT-3.3.4-3]. */
  readonly subscriptionIds: readonly number[]
  /** When the broker took the message, on its clock. */
  readonly takenAt: number
  readonly faults: MessageFaults
}

/** A connection, as the broker sees it. */
export interface Link {
  /** Unacknowledged messages of QoS 1 and 2 the client takes at a time. */
  readonly receiveMaximum: number
  /** The packet reaches the client. */
  take(delivery: Delivery, duplicate: boolean): void
}

/** What a broker keeps of one client: its subscriptions and what it has not yet acknowledged. */
export interface Session {
  readonly clientId: string
  /** Whether it outlives its connection. */
  readonly durable: boolean
  /** By topic filter. */
  readonly subscriptions: Map<string, Subscription>
  readonly connected: boolean
  /** A connection stands: what was unacknowledged comes again in its old order, [MQTT-4.4.0-1], then what waited. */
  attach(link: Link): void
  detach(): void
  /** Puts a message last in line. QoS 0 is not kept for a client that is away. */
  offer(delivery: Delivery): void
  /** The client answered PUBACK or PUBREC: the delivery is over. */
  acknowledge(delivery: Delivery): void
  /**
   * Takes out what came by a shared subscription that has other members, for one of them. A QoS 2 message that was sent stays:
   * [MQTT-4.8.2-4], [MQTT-4.8.2-5].
   */
  withdrawShared(hasOther: (share: string) => boolean): readonly Delivery[]
}

/** @param soon - runs a step of the broker once the present one is over */
export function createSession(clientId: string, durable: boolean, clock: Clock, soon: (step: () => void) => void): Session {
  let link: Link | undefined
  let scheduled = false
  let cancelWake = () => {}
  /** In order, what is yet to be sent on this connection. */
  let waiting = new Set<Delivery>()
  /** In order, what was sent on this connection and is not acknowledged. */
  const underWay = new Set<Delivery>()
  const sentBefore = new WeakSet<Delivery>()

  return {
    clientId,
    durable,
    subscriptions: new Map(),
    get connected() {
      return link !== undefined
    },
    attach(attached) {
      link = attached
      waiting = new Set([...underWay, ...waiting])
      underWay.clear()
      schedule()
    },
    detach() {
      link = undefined
      cancelWake()
      for (const delivery of waiting) if (delivery.qos === 0) waiting.delete(delivery)
    },
    offer(delivery) {
      if (link === undefined && delivery.qos === 0) return
      waiting.add(delivery)
      schedule()
    },
    acknowledge(delivery) {
      if (underWay.delete(delivery)) schedule()
    },
    withdrawShared(hasOther) {
      const withdrawn: Delivery[] = []
      for (const deliveries of [underWay, waiting]) {
        for (const delivery of deliveries) {
          const { share, qos } = delivery
          if (share === undefined || (qos === 2 && sentBefore.has(delivery)) || !hasOther(share)) continue
          deliveries.delete(delivery)
          withdrawn.push(delivery)
        }
      }
      return withdrawn
    },
  }

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    soon(() => {
      scheduled = false
      send()
    })
  }

  function send(): void {
    cancelWake()
    for (const delivery of waiting) {
      if (link === undefined) return
      if (delivery.qos > 0 && underWay.size >= link.receiveMaximum) return // [MQTT-3.3.4-9]
      const waitMs = delivery.takenAt + delivery.faults.delayMs - clock.now()
      if (waitMs > 0) {
        cancelWake = clock.schedule(schedule, waitMs)
        return
      }
      waiting.delete(delivery)
      sendOne(delivery, link)
    }
  }

  function sendOne(delivery: Delivery, to: Link): void {
    const { qos, faults } = delivery
    const again = sentBefore.has(delivery)
    if (!again && secondsLeft(delivery, clock.now()) <= 0) return // [MQTT-3.3.2-5]
    sentBefore.add(delivery)
    if (qos > 0) underWay.add(delivery)
    if (again || !faults.drop) to.take(delivery, again)
    if (again || !faults.duplicate) return
    // At QoS 2 the packet identifier tells that it is the same. At QoS 0 there is no DUP: [MQTT-3.3.1-2].
    const copy = qos === 2 ? delivery : { ...delivery, faults: noFaults }
    sentBefore.add(copy)
    if (qos === 1) underWay.add(copy)
    to.take(copy, qos > 0)
  }
}

/** The seconds a message has left of its expiry interval; without one, for ever. */
export function secondsLeft({ message, takenAt }: Pick<Delivery, 'message' | 'takenAt'>, now: number): number {
  const { messageExpirySeconds = Number.POSITIVE_INFINITY } = message.properties ?? {}
  return messageExpirySeconds - Math.floor((now - takenAt) / 1000)
}
