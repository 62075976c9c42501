import type { MessageProperties } from '@butlerkit/core'
import type { IPublishPacket } from 'mqtt'

type PacketProperties = NonNullable<IPublishPacket['properties']>

const none: MessageProperties = Object.freeze({})

/** The properties of a PUBLISH that came in. Of a repeated user property the last value is kept. */
export function fromPacket(properties: PacketProperties | undefined): MessageProperties {
  if (properties === undefined) return none
  const { contentType, messageExpiryInterval, responseTopic, correlationData, userProperties } = properties
  return {
    ...(contentType !== undefined && { contentType }),
    ...(messageExpiryInterval !== undefined && { messageExpirySeconds: messageExpiryInterval }),
    ...(responseTopic !== undefined && { responseTopic }),
    ...(correlationData !== undefined && { correlationData }),
    ...(userProperties !== undefined && { userProperties: lastValues(userProperties) }),
  }
}

/** The same bytes as a Buffer, not copied. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Bytes of the properties on the wire, without their own length. @see MQTT 5.0, section 3.3.2.3 */
export function propertiesBytes(properties: MessageProperties): number {
  const { contentType, messageExpirySeconds, responseTopic, correlationData, userProperties = {} } = properties
  let bytes = messageExpirySeconds === undefined ? 0 : 5
  if (contentType !== undefined) bytes += 3 + Buffer.byteLength(contentType)
  if (responseTopic !== undefined) bytes += 3 + Buffer.byteLength(responseTopic)
  if (correlationData !== undefined) bytes += 3 + correlationData.byteLength
  for (const [name, value] of Object.entries(userProperties)) bytes += 5 + Buffer.byteLength(name) + Buffer.byteLength(value)
  return bytes
}

function lastValues(userProperties: NonNullable<PacketProperties['userProperties']>): Record<string, string> {
  // From entries, so that a property named __proto__ is one like any other.
  return Object.fromEntries(
    Object.entries(userProperties).map(([name, value]) => [name, Array.isArray(value) ? (value.at(-1) ?? '') : value]),
  )
}
