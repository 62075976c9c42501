import type { OutboundMessage } from '@butlerkit/core'
import type { IConnackPacket, MqttClient } from 'mqtt'
import { reasonText } from './connect-failure.js'
import { MqttError } from './errors.js'
import { createHangUps, hungUpOn, meansMessage } from './hang-ups.js'
import { limitsOf, problemOf, show, type ProtocolVersion } from './limits.js'
import { writePublish } from './publish-packet.js'
import { takeOver } from './take-over.js'
import { createTopicAliases } from './topic-aliases.js'
import { createTurnWriter } from './turn-writer.js'

/** Messages on their way to the broker. */
export interface Deliveries {
  /**
   * Sends a message, again after each lost connection while it is of QoS 1 or 2 and not acknowledged.
   *
   * @param done - called once: when the broker has it, or with `MQTT_PUBLISH_REFUSED`. A message of QoS 0 is done as soon as the socket has
   * room for another, fails with `MQTT_NOT_CONNECTED` where there is none, and is not heard of again where it goes while it waits
   */
  send(message: OutboundMessage, done: (error?: MqttError) => void): void
  /** It is us who ends the connection: that is the fault of no message. */
  excuse(): void
  /** Writes now what was sent in this turn, and not at its end. */
  flush(): void
  /** The topic name of the message over which the last two connections or more may have been lost. */
  readonly suspect: string | undefined
  /** Topic names whose messages are refused at once, see {@link createHangUps}. */
  readonly refused: readonly string[]
  /** There is another broker, which may allow what the former did not. */
  forgive(): void
}

interface Answer {
  readonly reasonCode?: number
  readonly properties?: { readonly reasonString?: string }
}

/** A message of QoS 1 or 2 the broker has not acknowledged. */
interface Delivery {
  readonly packetId: number
  readonly message: OutboundMessage
  readonly done: (error?: MqttError) => void
  /** The connection it was last sent on, 0 for none yet. */
  connection: number
  /** Connections that ended while this was the oldest message on them. */
  losses: number
  /** QoS 2: the broker has taken it over (PUBREC), and PUBREL is to follow. */
  received: boolean
}

/**
 * Sends messages past mqtt.js, which needs more time for each than all the rest takes: all of one turn in one write, each in one piece.
 * Like `held-acks.ts` it knows mqtt.js inside, as far as {@link takeOver} does; `client.stream` is where it writes.
 *
 * - What is not acknowledged is sent again on the next connection, in its order (MQTT-4.4.0-1, MQTT-4.6.0-1), and never more at a time
 *   than the broker lets us (MQTT-3.3.4-9); what the broker does not take any more fails.
 * - What the broker hangs up on each time it comes would keep all else from getting through, so it fails: see {@link createHangUps}.
 * - Where the broker has lost the session, what it had taken over but not yet been told to release goes out as a whole again: some brokers
 *   pass a message on only then (MQTT 5.0, figure 4.3), and it would be lost.
 * - mqtt.js numbers SUBSCRIBE and UNSUBSCRIBE itself, from {@link firstForeignId} up; answers to what is not ours are left to it.
 */
export function createDeliveries(client: MqttClient, version: ProtocolVersion): Deliveries {
  /** By packet identifier, in the order they were first sent. */
  const unfinished = new Map<number, Delivery>()
  /** Those not yet sent on this connection. */
  let unsent: Delivery[] = []
  /** Those sent on this connection. */
  let open = 0
  let window = 0
  let connection = 0
  // Not the same in every life: what a kept session still holds of QoS 2 from an earlier one is known to the broker by its identifier alone
  // (MQTT-4.3.3-10), and it would take another message for that one.
  let lastId = Math.floor(Math.random() * (firstForeignId - 1))
  /** What is sent before all else, as two connections or more were lost over it, and has no answer yet. */
  let alone: Delivery | undefined
  let aloneTimer: NodeJS.Timeout | undefined
  /** Whether a connection that ends now may end over a message: MQTT 5 has a word for it. */
  let overMessage = false
  const hangUps = createHangUps()
  const aliases = createTopicAliases()
  const writer = createTurnWriter()

  client.on('packetreceive', (packet) => {
    const { cmd } = packet
    if (cmd === 'puback' || cmd === 'pubrec' || cmd === 'pubcomp') {
      const delivery = unfinished.get(packet.messageId ?? 0)
      if (delivery?.connection !== connection) return
      takeOver(packet)
      answered(delivery, cmd, packet)
    } else if (cmd === 'connack' && (packet.reasonCode ?? packet.returnCode) === 0) begin(packet)
    else if (cmd === 'disconnect') overMessage = meansMessage(packet.reasonCode)
  })
  client.on('close', () => {
    const began = window > 0
    window = 0
    writer.use(undefined)
    clearTimeout(aloneTimer)
    alone = undefined
    if (began) blameOldest()
  })

  /** Brokers take messages in their order: what follows the oldest may not even have been read. */
  function blameOldest(): void {
    const [oldest] = unfinished.values()
    if (oldest === undefined || oldest.connection !== connection || oldest.received) return
    oldest.losses += 1
    if (!overMessage) return
    const { topic } = oldest.message
    const verdict = hangUps.judge(topic, oldest.losses)
    if (verdict === 'message') finish(oldest, hungUpOn(topic))
    if (verdict !== 'topic') return
    for (const each of unfinished.values()) if (each.message.topic === topic && !each.received) finish(each, hungUpOn(topic))
  }

  function begin({ properties, sessionPresent }: IConnackPacket): void {
    const limits = limitsOf(version, properties)
    connection += 1
    overMessage = version === 4
    window = limits.window
    open = 0
    aliases.reset(limits.topicAliases)
    writer.use(client.stream)
    for (const delivery of unfinished.values()) {
      if (!sessionPresent) delivery.received = false
      // The broker would hang up on it, on this connection and on each that follows.
      const problem = delivery.received ? undefined : problemOf(delivery.message, limits)
      if (problem === undefined) continue
      unfinished.delete(delivery.packetId)
      delivery.done(problem)
    }
    unsent = [...unfinished.values()]
    const [oldest] = unsent
    if (isSuspect(oldest)) sendAlone(oldest)
    else sendUnsent()
  }

  /** A broker that hangs up on what follows may not have answered this one yet, which would be blamed for it. */
  function sendAlone(delivery: Delivery): void {
    unsent.shift()
    alone = delivery
    aloneTimer = setTimeout(endAlone, longestAloneMs)
    transmit(delivery)
  }

  function endAlone(): void {
    clearTimeout(aloneTimer)
    alone = undefined
    sendUnsent()
  }

  function sendUnsent(): void {
    if (alone !== undefined) return
    while (open < window) {
      const delivery = unsent.shift()
      if (delivery === undefined) return
      transmit(delivery)
    }
  }

  function transmit(delivery: Delivery): void {
    open += 1
    if (delivery.received) release(delivery)
    else write(delivery.message, delivery.packetId, delivery.connection > 0)
    delivery.connection = connection
  }

  function write(message: OutboundMessage, packetId: number, again: boolean): void {
    const nameless = aliases.knows(message.topic)
    writePublish(writer, message, { version, packetId, again, alias: aliases.use(message.topic), nameless })
  }

  function answered(delivery: Delivery, cmd: 'puback' | 'pubrec' | 'pubcomp', { reasonCode = 0, properties }: Answer): void {
    const { qos, topic } = delivery.message
    if (cmd === 'pubcomp') {
      // With 0x92 the broker has forgotten that it took the message, which it did (MQTT 5.0, section 3.7.2.1).
      if (delivery.received) finish(delivery)
    } else if (cmd === 'puback' ? qos === 1 : qos === 2) {
      if (reasonCode >= 0x80) finish(delivery, refusal(topic, reasonCode, properties?.reasonString))
      else if (qos === 1) finish(delivery)
      else {
        delivery.received = true
        release(delivery)
        if (delivery === alone) endAlone()
      }
    }
  }

  function release({ packetId }: Delivery): void {
    const at = writer.reserve(4)
    writer.bytes.writeUInt16BE(0x6202, at)
    writer.bytes.writeUInt16BE(packetId, at + 2)
  }

  function finish(delivery: Delivery, error?: MqttError): void {
    unfinished.delete(delivery.packetId)
    open -= 1
    if (error === undefined) hangUps.allowed(delivery.message.topic)
    if (delivery === alone) endAlone()
    else if (unsent.length > 0) sendUnsent()
    delivery.done(error)
  }

  function freeId(): number {
    do lastId = lastId + 1 === firstForeignId ? 1 : lastId + 1
    while (unfinished.has(lastId))
    return lastId
  }

  return {
    send(message, done) {
      if (hangUps.refuses(message.topic)) done(hungUpOn(message.topic))
      else if (message.qos > 0) {
        const delivery: Delivery = { packetId: freeId(), message, done, connection: 0, losses: 0, received: false }
        unfinished.set(delivery.packetId, delivery)
        if (open < window && unsent.length === 0 && alone === undefined) transmit(delivery)
        else unsent.push(delivery)
      } else if (window === 0) done(new MqttError('MQTT_NOT_CONNECTED', `publish ${show(message.topic)}: the connection was lost`))
      else {
        write(message, 0, false)
        writer.whenRoom(done)
      }
    },
    excuse() {
      window = 0
    },
    flush: writer.flush,
    get suspect() {
      const [oldest] = unfinished.values()
      return isSuspect(oldest) ? oldest.message.topic : undefined
    },
    get refused() {
      return hangUps.refused
    },
    forgive: hangUps.forgive,
  }
}

function refusal(topic: string, reasonCode: number, reasonString: string | undefined): MqttError {
  return new MqttError('MQTT_PUBLISH_REFUSED', `publish ${show(topic)}: ${reasonText(reasonCode, reasonString)}`, { reasonCode })
}

function isSuspect(delivery: Delivery | undefined): delivery is Delivery {
  return delivery !== undefined && delivery.losses > 1
}

/** A broker that hangs up does so sooner. */
const longestAloneMs = 5_000

/** Packet identifiers from here up are not for messages. */
export const firstForeignId = 0xf000
