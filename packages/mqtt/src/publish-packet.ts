import type { MessageProperties, OutboundMessage } from '@butlerkit/core'
import type { ProtocolVersion } from './limits.js'
import { propertiesBytes } from './properties.js'
import type { TurnWriter } from './turn-writer.js'

/** How a message goes out this time. */
export interface PublishHead {
  readonly version: ProtocolVersion
  /** Of no meaning for QoS 0. */
  readonly packetId: number
  /** It was sent before (the DUP flag). */
  readonly again: boolean
  /** The number that stands for the topic name on this connection, 0 for none. */
  readonly alias: number
  /** Whether the broker knows the alias, so that the topic name is left out. */
  readonly nameless: boolean
}

const noProperties: MessageProperties = {}
/** Bytes of the property that names an alias. */
export const aliasBytes = 3
/** A larger payload is not copied. */
const copiedBytes = 4_096

/**
 * Size of a PUBLISH on the wire, in bytes.
 *
 * @param propertyBytes - of the properties without their own length, `undefined` before MQTT 5
 * @see MQTT 5.0, section 3.3
 */
export function publishBytes({ topic, payload, qos }: OutboundMessage, propertyBytes: number | undefined): number {
  const remaining = remainingBytes(Buffer.byteLength(topic), payload.byteLength, qos, propertyBytes)
  return 1 + lengthBytes(remaining) + remaining
}

/** Writes a message as a PUBLISH. It must be one that `checkMessage` lets pass. */
export function writePublish(writer: TurnWriter, message: OutboundMessage, head: PublishHead): void {
  const { topic, payload, qos, retain, properties = noProperties } = message
  const topicBytes = head.nameless ? 0 : Buffer.byteLength(topic)
  const propertyBytes = head.version === 5 ? propertiesBytes(properties) + (head.alias === 0 ? 0 : aliasBytes) : undefined
  const remaining = remainingBytes(topicBytes, payload.byteLength, qos, propertyBytes)
  const isCopied = payload.byteLength <= copiedBytes
  let at = writer.reserve(1 + lengthBytes(remaining) + remaining - (isCopied ? 0 : payload.byteLength))
  const { bytes } = writer
  bytes[at++] = 0x30 | (head.again ? 0x08 : 0) | (qos << 1) | (retain ? 1 : 0)
  at = writeLength(bytes, at, remaining)
  at = writeShort(bytes, at, topicBytes)
  if (!head.nameless) at += bytes.write(topic, at)
  if (qos > 0) at = writeShort(bytes, at, head.packetId)
  if (propertyBytes !== undefined) at = writeProperties(bytes, writeLength(bytes, at, propertyBytes), properties, head.alias)
  if (isCopied) bytes.set(payload, at)
  else writer.append(payload)
}

function remainingBytes(topicBytes: number, payloadBytes: number, qos: number, propertyBytes: number | undefined): number {
  const properties = propertyBytes === undefined ? 0 : lengthBytes(propertyBytes) + propertyBytes
  return 2 + topicBytes + (qos > 0 ? 2 : 0) + properties + payloadBytes
}

/** @see MQTT 5.0, section 2.2.2.2 for the identifiers */
function writeProperties(bytes: Buffer, start: number, properties: MessageProperties, alias: number): number {
  const { contentType, messageExpirySeconds, responseTopic, correlationData, userProperties } = properties
  let at = start
  if (messageExpirySeconds !== undefined) {
    bytes[at] = 0x02
    at = bytes.writeUInt32BE(messageExpirySeconds, at + 1)
  }
  if (contentType !== undefined) at = writeText(bytes, at, 0x03, contentType)
  if (responseTopic !== undefined) at = writeText(bytes, at, 0x08, responseTopic)
  if (correlationData !== undefined) {
    bytes[at] = 0x09
    at = writeShort(bytes, at + 1, correlationData.byteLength)
    bytes.set(correlationData, at)
    at += correlationData.byteLength
  }
  if (alias !== 0) {
    bytes[at] = 0x23
    at = writeShort(bytes, at + 1, alias)
  }
  if (userProperties === undefined) return at
  for (const [name, value] of Object.entries(userProperties)) {
    at = writeText(bytes, at, 0x26, name)
    at += writeField(bytes, at, value)
  }
  return at
}

function writeText(bytes: Buffer, at: number, identifier: number, text: string): number {
  bytes[at] = identifier
  return at + 1 + writeField(bytes, at + 1, text)
}

/** @returns how many bytes it took */
function writeField(bytes: Buffer, at: number, text: string): number {
  const length = bytes.write(text, at + 2)
  writeShort(bytes, at, length)
  return 2 + length
}

function writeShort(bytes: Buffer, at: number, value: number): number {
  bytes[at] = value >> 8
  bytes[at + 1] = value & 0xff
  return at + 2
}

/** MQTT's variable byte integer: MQTT 5.0, section 1.5.5. */
function writeLength(bytes: Buffer, start: number, length: number): number {
  let at = start
  let left = length
  for (; left > 0x7f; left >>= 7) bytes[at++] = (left & 0x7f) | 0x80
  bytes[at++] = left
  return at
}

function lengthBytes(length: number): number {
  if (length < 128) return 1
  if (length < 16_384) return 2
  return length < 2_097_152 ? 3 : 4
}
