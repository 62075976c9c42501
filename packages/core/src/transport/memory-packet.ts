import { ButlerError } from '../errors.js'
import { isTopicFilter } from '../topic/topic-filter.js'
import { isTopicName } from '../topic/topic-name.js'
import type { MessageProperties, OutboundMessage, Subscription } from './transport.js'

/** The protocol version a memory broker speaks. Before MQTT 5 a message carries no properties. */
export type MemoryProtocol = '5' | '3.1.1'

/** What a broker takes. */
export interface PacketLimits {
  readonly protocol: MemoryProtocol
  readonly maxPacketBytes: number
}

/**
 * What a memory broker or its transports refuse.
 *
 * - `TOPIC_INVALID`: a topic name or filter MQTT does not allow
 * - `TRANSPORT_UNSUPPORTED`: a response topic or correlation data, which MQTT 3.1.1 does not carry
 * - `PACKET_TOO_LARGE`: more bytes than the broker takes
 * - `TRANSPORT_CLOSED`: the transport is not open, or not any more
 * - `TRANSPORT_OPEN`: the transport was opened before
 * - `TRANSPORT_CRASHED`: the client was ended by `crash`; nothing leaves it any more
 * - `CLIENT_UNKNOWN`: no client of this identifier is open at the broker
 */
export class MemoryTransportError extends ButlerError<
  | 'TOPIC_INVALID'
  | 'TRANSPORT_UNSUPPORTED'
  | 'PACKET_TOO_LARGE'
  | 'TRANSPORT_CLOSED'
  | 'TRANSPORT_OPEN'
  | 'TRANSPORT_CRASHED'
  | 'CLIENT_UNKNOWN'
> {
  override readonly name = 'MemoryTransportError'
}

/**
 * Checks a message as a client does before the wire: a broker would close the connection.
 *
 * @throws {@link MemoryTransportError} `TOPIC_INVALID`, `TRANSPORT_UNSUPPORTED` or `PACKET_TOO_LARGE`
 */
export function checkMessage(message: OutboundMessage, { protocol, maxPacketBytes }: PacketLimits): void {
  const { topic, properties = {} } = message
  const { responseTopic, correlationData } = properties
  checkTopicName(topic)
  if (responseTopic !== undefined) checkTopicName(responseTopic)
  // User properties are left out there, as media type and expiry are; without its address a request is none.
  if (protocol !== '5' && (responseTopic !== undefined || correlationData !== undefined)) {
    throw new MemoryTransportError(
      'TRANSPORT_UNSUPPORTED',
      `publish ${JSON.stringify(topic)}: MQTT 3.1.1 carries no response topic and no correlation data`,
    )
  }
  const bytes = packetBytes(message, protocol)
  if (bytes > maxPacketBytes) {
    throw new MemoryTransportError(
      'PACKET_TOO_LARGE',
      `publish ${JSON.stringify(topic)}: ${bytes} bytes, and ${maxPacketBytes} are allowed`,
    )
  }
}

/** @throws {@link MemoryTransportError} `TOPIC_INVALID` naming the first that is no topic filter */
export function checkFilters(subscriptions: readonly Subscription[]): void {
  const wrong = subscriptions.find(({ filter }) => !isTopicFilter(filter))
  if (wrong) throw new MemoryTransportError('TOPIC_INVALID', `${JSON.stringify(wrong.filter)} is not a topic filter`)
}

/** The message as the other side gets it: bytes of its own, and no more properties than the protocol carries. */
export function copyMessage({ topic, payload, qos, retain, properties }: OutboundMessage, protocol: MemoryProtocol): OutboundMessage {
  const copy = { topic, payload: Uint8Array.from(payload), qos, retain }
  if (protocol !== '5' || properties === undefined) return copy
  const { correlationData, userProperties, ...texts } = properties
  return {
    ...copy,
    properties: {
      ...texts,
      ...(correlationData && { correlationData: Uint8Array.from(correlationData) }),
      ...(userProperties && { userProperties: { ...userProperties } }),
    },
  }
}

function checkTopicName(topic: string): void {
  if (!isTopicName(topic)) throw new MemoryTransportError('TOPIC_INVALID', `${JSON.stringify(topic)} is not a topic name`)
}

/** Size of a PUBLISH on the wire, in bytes. @see MQTT 5.0, section 3.3 */
function packetBytes({ topic, payload, qos, properties = {} }: OutboundMessage, protocol: MemoryProtocol): number {
  const ofProperties = protocol === '5' ? withLength(propertiesBytes(properties)) : 0
  return 1 + withLength(textBytes(topic) + (qos > 0 ? 2 : 0) + ofProperties + payload.byteLength)
}

/** @see MQTT 5.0, section 3.3.2.3: one byte names a property, texts and binary data begin with two bytes of length */
function propertiesBytes({ contentType, messageExpirySeconds, responseTopic, correlationData, userProperties }: MessageProperties): number {
  let bytes = messageExpirySeconds === undefined ? 0 : 5
  for (const text of [contentType, responseTopic]) if (text !== undefined) bytes += 1 + textBytes(text)
  if (correlationData) bytes += 3 + correlationData.byteLength
  for (const [name, value] of Object.entries(userProperties ?? {})) bytes += 1 + textBytes(name) + textBytes(value)
  return bytes
}

function textBytes(text: string): number {
  return 2 + Buffer.byteLength(text)
}

/** A length and what it counts. MQTT's variable byte integer holds seven bits a byte. */
function withLength(bytes: number): number {
  return bytes + (bytes < 0x80 ? 1 : bytes < 0x4000 ? 2 : bytes < 0x20_0000 ? 3 : 4)
}
