import { isTopicName, type Disposition, type InboundMessage } from '@butlerkit/core'
import type { IPublishPacket, MqttClient } from 'mqtt'
import type { Inbox } from './inbox.js'
import { fromPacket } from './properties.js'
import { takeOver } from './take-over.js'

/** What {@link holdAcks} hands messages to. */
export interface HeldAcksOptions {
  readonly inbox: Inbox
  /** Something that must not happen: the broker sent an invalid topic name, or mqtt.js acknowledged by itself. */
  readonly onError: (error: unknown) => void
  /** Whether the broker keeps the session: only then does what is left come again. Without, it is acknowledged, as it is lost either way. */
  readonly durable: boolean
  /** A message was left. @param count - so many, on this connection; with `durable` each keeps a place in the broker's window */
  readonly left: (count: number) => void
}

/** Messages received and not yet acknowledged. */
export interface HeldAcks {
  /** Sends now the acknowledgements that are due, instead of at the end of the turn. */
  flush(): void
  /** From now on no message is handed on or acknowledged; those already handed on are. */
  pause(): void
}

/** A message of QoS 1 or 2 on its way through its handler. */
interface Held {
  readonly packetId: number
  readonly qos: 1 | 2
  /** Until it is acknowledged, to know it by should it come again. */
  message: InboundMessage | undefined
  /** The connection it arrived on last. */
  connection: number
  state: 'handling' | 'ack' | 'leave' | 'received'
}

/** Payloads handled and not yet acknowledged, in bytes, from which on the end of the turn is not waited for: garbage must not grow old. */
const mostDueBytes = 32_768
const firstByteOf = { puback: 0x40, pubrec: 0x50, pubcomp: 0x70 } as const

/**
 * Takes received messages out of mqtt.js' hands and acknowledges each only after `receive` has settled.
 *
 * This is the one file that knows how mqtt.js acknowledges: a PUBLISH or PUBREL is taken over ({@link takeOver}), and the
 * acknowledgement is ours to write to `client.stream`. Nothing waits inside mqtt.js: keepalive goes on while handlers
 * run.
 *
 * - Acknowledgements leave in the order the messages arrived (MQTT-4.6.0-2 and -3), all of one turn in one write.
 * - `leave` is passed over: the message stays with the broker, later ones are acknowledged. It keeps its place in the broker's
 *   window until the connection ends, and comes again when a kept session is resumed. Hence `left`: someone must end the connection
 *   before the window is full.
 * - QoS 2 holds PUBREC: with it we would take the message over (MQTT 5.0, section 4.3.3), and a crash would lose it.
 * - An acknowledgement belongs to one connection. When a kept session delivers a message again that is still in its handler, or whose
 *   acknowledgement was cut off, it is not handed on twice: the earlier handling acknowledges it.
 */
export function holdAcks(client: MqttClient, { inbox, onError, durable, left }: HeldAcksOptions): HeldAcks {
  /** By packet identifier, for as long as the broker counts it as used. */
  const unfinished = new Map<number, Held>()
  /** In order of arrival on this connection. */
  let line: Held[] = []
  let completed: number[] = []
  let connection = 0
  /** Whether this broker sets DUP on what it sends again: one that has done so does so always. */
  let marksAgain = false
  let stream: MqttClient['stream'] | undefined
  let scheduled = false
  let dueBytes = 0
  let paused = false
  let leftCount = 0

  client.on('packetreceive', (packet) => {
    if (packet.cmd === 'publish') {
      // We allow no topic aliases; mqtt.js ends the connection of a broker that uses one.
      if (packet.properties?.topicAlias !== undefined) return
      takeOver(packet)
      if (packet.qos === 0) handOnUnacknowledged(packet)
      else arrive(packet.messageId ?? 0, packet.qos, packet)
    } else if (packet.cmd === 'pubrel') {
      takeOver(packet)
      complete(packet.messageId ?? 0)
    } else if (packet.cmd === 'connack' && (packet.reasonCode ?? packet.returnCode) === 0) {
      begin(packet.sessionPresent)
    }
  })
  client.on('close', () => {
    stream = undefined
    line = []
    completed = []
  })
  client.on('packetsend', ({ cmd, messageId }) => {
    if (!Object.hasOwn(firstByteOf, cmd)) return
    onError(new Error(`mqtt.js sent ${cmd} ${messageId} by itself: this version of mqtt.js acknowledges too early`))
  })

  function begin(sessionPresent: boolean): void {
    connection += 1
    leftCount = 0
    stream = client.stream
    if (!sessionPresent) unfinished.clear()
  }

  function arrive(packetId: number, qos: 1 | 2, packet: IPublishPacket): void {
    if (paused) return
    const earlier = unfinished.get(packetId)
    marksAgain ||= packet.dup
    if (earlier !== undefined && isAgain(earlier, packet, !marksAgain && earlier.connection !== connection)) {
      if (earlier.connection !== connection || earlier.state === 'received') enqueue(earlier)
      return
    }
    const message = toMessage(packet)
    const held: Held = { packetId, qos, message, connection, state: 'handling' }
    unfinished.set(packetId, held)
    enqueue(held)
    handOn(message, (disposition) => settle(held, disposition))
  }

  function enqueue(held: Held): void {
    held.connection = connection
    line.push(held)
    if (held.state !== 'handling') schedule()
  }

  function settle(held: Held, disposition: Disposition): void {
    const isLeft = disposition === 'leave'
    held.state = isLeft && !durable && !paused ? 'ack' : disposition
    if (held.state === 'leave' && unfinished.get(held.packetId) === held) unfinished.delete(held.packetId)
    dueBytes += held.message?.payload.byteLength ?? 0
    if (dueBytes < mostDueBytes) schedule()
    else flush()
    if (isLeft && held.connection === connection && !paused) left((leftCount += 1))
  }

  /** PUBREL ends a QoS 2 delivery: its packet identifier is free. */
  function complete(packetId: number): void {
    if (unfinished.get(packetId)?.state === 'received') unfinished.delete(packetId)
    completed.push(packetId)
    schedule()
  }

  function handOnUnacknowledged(packet: IPublishPacket): void {
    if (!paused) handOn(toMessage(packet), unacknowledged)
  }

  function handOn(message: InboundMessage, settled: (disposition: Disposition) => void): void {
    // A broker must not send such a topic (MQTT-3.3.2-2). Acknowledged, as it would come again for ever.
    if (!isTopicName(message.topic)) {
      onError(new Error('the broker sent a message with an invalid topic name; it was dropped'))
      return settled('ack')
    }
    inbox.add(message, settled)
  }

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(endTurn)
  }

  function endTurn(): void {
    scheduled = false
    flush()
  }

  function flush(): void {
    dueBytes = 0
    if (stream?.writable !== true) return
    const due = line.findIndex(({ state }) => state === 'handling')
    const settled = line.splice(0, due === -1 ? line.length : due)
    const bytes = Buffer.allocUnsafe(4 * (settled.length + completed.length))
    let length = 0
    for (const held of settled) {
      if (held.state === 'leave') continue
      // V8 keeps what once was in a Map for longer than we do.
      held.message = undefined
      if (held.qos === 1) {
        unfinished.delete(held.packetId)
        length = writeAck(bytes, length, 'puback', held.packetId)
      } else {
        held.state = 'received'
        length = writeAck(bytes, length, 'pubrec', held.packetId)
      }
    }
    for (const packetId of completed) length = writeAck(bytes, length, 'pubcomp', packetId)
    completed = []
    if (length > 0) stream.write(bytes.subarray(0, length))
  }

  return {
    flush,
    pause() {
      paused = true
      // The broker still has them.
      inbox.clear()
    },
  }
}

function unacknowledged(): void {}

/**
 * Whether the broker sends again what is already here. A QoS 2 message we have answered with PUBREC is known by its identifier alone
 * (MQTT-4.3.3-10). Otherwise the content must agree too, as a broker may drop an expired message and use its identifier again, and DUP
 * must be set: RabbitMQ counts its identifiers anew on each connection, and the next message may well say the same.
 *
 * @param unmarked - it may come without DUP: on a new connection of a broker that, as aedes, has never set it
 */
function isAgain(held: Held, packet: IPublishPacket, unmarked: boolean): boolean {
  const { message, qos } = held
  if (message === undefined) return packet.qos === 2
  return (
    (packet.dup || unmarked) &&
    qos === packet.qos &&
    message.topic === packet.topic &&
    Buffer.compare(message.payload, bytesOf(packet)) === 0
  )
}

function toMessage(packet: IPublishPacket): InboundMessage {
  const { topic, qos, retain, dup, properties } = packet
  const message = { topic, payload: bytesOf(packet), qos, retain, duplicate: dup, properties: fromPacket(properties) }
  const ids = properties?.subscriptionIdentifier
  return ids === undefined ? message : { ...message, subscriptionIds: typeof ids === 'number' ? [ids] : ids }
}

function bytesOf({ payload }: IPublishPacket): Buffer {
  return typeof payload === 'string' ? Buffer.from(payload) : payload
}

/** Four bytes serve MQTT 3.1.1 and 5: there, no reason code means success (MQTT 5.0, section 3.4.2.1). */
function writeAck(bytes: Buffer, offset: number, cmd: keyof typeof firstByteOf, packetId: number): number {
  bytes[offset] = firstByteOf[cmd]
  bytes[offset + 1] = 2
  bytes.writeUInt16BE(packetId, offset + 2)
  return offset + 4
}
