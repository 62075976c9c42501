import { types } from 'node:util'
import { isTopicName, type MessageProperties, type OutboundMessage, type QoS } from '@butlerkit/core'
import type { IConnackPacket } from 'mqtt'
import { MqttError } from './errors.js'
import { aliasBytes, publishBytes } from './publish-packet.js'
import { propertiesBytes } from './properties.js'

/** Protocol version as MQTT writes it: 5, or 4 for MQTT 3.1.1. */
export type ProtocolVersion = 4 | 5

/** What a connection can carry. */
export interface Limits {
  readonly version: ProtocolVersion
  readonly qos: QoS
  readonly retain: boolean
  /** Largest packet the broker takes, in bytes. */
  readonly maxPacketBytes: number
  /** Messages of QoS 1 and 2 it lets us send before it has acknowledged the first. */
  readonly window: number
  /** Those of QoS 2 among them. */
  readonly windowQos2: number
  /** How many numbers that stand for topic names the broker keeps. */
  readonly topicAliases: number
  /** `false` where the broker says that it has no shared subscriptions; MQTT 3.1.1 has no word for it. */
  readonly shares: boolean | undefined
  /** Whether messages tell by which subscriptions they came. */
  readonly subscriptionIds: boolean
}

/** The largest packet of the protocol: one byte, four of length, and what four can say (MQTT 5.0, section 2.1.4). */
const maxPacketBytes = 5 + 268_435_455
const maxFieldBytes = 65_535
/** MQTT 3.1.1 has no word for it. Mosquitto's default; beyond it, 2.0.11 acknowledges QoS 2 messages and then delivers some of them never. */
const unspokenWindowQos2 = 20

/** Most we send of QoS 1 and 2 before the first is acknowledged, though the broker may take more: so many go again after a lost connection. */
const widestWindow = 256

/** What holds before a broker has said otherwise. */
export function limitsOf(version: ProtocolVersion, properties: IConnackPacket['properties'] = {}): Limits {
  return {
    version,
    qos: (properties.maximumQoS ?? 2) as QoS,
    retain: properties.retainAvailable ?? true,
    maxPacketBytes: properties.maximumPacketSize ?? maxPacketBytes,
    topicAliases: properties.topicAliasMaximum ?? 0,
    shares: properties.sharedSubscriptionAvailable ?? (version === 5 ? true : undefined),
    subscriptionIds: version === 5 && properties.subscriptionIdentifiersAvailable !== false,
    window: Math.min(widestWindow, properties.receiveMaximum ?? widestWindow),
    windowQos2: version === 5 ? widestWindow : unspokenWindowQos2,
  }
}

/**
 * Checks a message before it goes anywhere near the wire. A broker answers what it cannot take by closing the connection, and
 * it would be sent again on the next one.
 *
 * @throws {@link MqttError} `MQTT_TOPIC_INVALID`, `MQTT_PROPERTY_INVALID`, `MQTT_UNSUPPORTED` or `MQTT_PACKET_TOO_LARGE`
 */
export function checkMessage(message: OutboundMessage, limits: Limits): void {
  const { topic, payload, qos, retain, properties } = message
  checkTopicName(topic)
  // What has no bytes where we look for them would send some of our memory, or end the process when it is written.
  if (!types.isUint8Array(payload)) throw new MqttError('MQTT_PROPERTY_INVALID', `publish ${show(topic)}: the payload is no Uint8Array`)
  if (qos > limits.qos) {
    throw new MqttError('MQTT_UNSUPPORTED', `publish ${show(topic)}: the broker takes QoS ${limits.qos} at most, not ${qos}`)
  }
  if (retain && !limits.retain) throw new MqttError('MQTT_UNSUPPORTED', `publish ${show(topic)}: the broker keeps no retained messages`)
  if (properties) checkProperties(topic, properties, limits.version)
  const alias = limits.topicAliases > 0 ? aliasBytes : 0
  const bytes = publishBytes(message, limits.version === 5 ? propertiesBytes(properties ?? {}) + alias : undefined)
  if (bytes > limits.maxPacketBytes) {
    throw new MqttError('MQTT_PACKET_TOO_LARGE', `publish ${show(topic)}: ${bytes} bytes, and ${limits.maxPacketBytes} are allowed`)
  }
}

/** What {@link checkMessage} has against a message that was taken for another connection. */
export function problemOf(message: OutboundMessage, limits: Limits): MqttError | undefined {
  try {
    checkMessage(message, limits)
  } catch (error) {
    if (error instanceof MqttError) return error
    throw error
  }
  return undefined
}

/** A topic as it may stand in a message: quoted, control characters escaped, cut. */
export function show(topic: string): string {
  return JSON.stringify(typeof topic === 'string' && topic.length > 100 ? `${topic.slice(0, 100)}…` : topic)
}

function checkTopicName(topic: string): void {
  if (isTopicName(topic) && !holdsUnwanted(topic)) return
  throw new MqttError(
    'MQTT_TOPIC_INVALID',
    `${show(topic)} is no topic name: 1 to 65,535 bytes of UTF-8 without +, # and control characters`,
  )
}

function checkProperties(topic: string, properties: MessageProperties, version: ProtocolVersion): void {
  const { contentType = '', messageExpirySeconds: expiry = 0, responseTopic, correlationData, userProperties = {} } = properties
  const invalid = (what: string) => new MqttError('MQTT_PROPERTY_INVALID', `publish ${show(topic)}: ${what}`)
  // User properties are left out there, as content type and expiry are; without its address a request is none.
  if (version !== 5 && (responseTopic !== undefined || correlationData !== undefined)) {
    throw new MqttError('MQTT_UNSUPPORTED', `publish ${show(topic)}: MQTT 3.1.1 carries no response topic and no correlation data`)
  }
  if (!fits(contentType)) throw invalid('contentType is not a text of 65,535 bytes at most, without control characters')
  if (!Number.isInteger(expiry) || expiry < 0 || expiry > 0xff_ff_ff_ff)
    throw invalid('messageExpirySeconds is not a whole number from 0 to 4,294,967,295')
  if (correlationData !== undefined && !(types.isUint8Array(correlationData) && correlationData.length <= maxFieldBytes)) {
    throw invalid('correlationData is not 65,535 bytes at most')
  }
  if (!Object.entries(userProperties).every(([name, value]) => fits(name) && fits(value)))
    throw invalid('a user property is not two texts of 65,535 bytes at most, without control characters')
  if (responseTopic !== undefined) checkTopicName(responseTopic)
}

function fits(text: string): boolean {
  return typeof text === 'string' && Buffer.byteLength(text) <= maxFieldBytes && !holdsUnwanted(text)
}

/** Control characters and non-characters: a sender should not send them, and Mosquitto hangs up on who does (MQTT 5.0, section 1.5.4). */
export function holdsUnwanted(text: string): boolean {
  return /[\p{Cc}\p{Noncharacter_Code_Point}]/u.test(text)
}
