import type { OutboundMessage } from '@butlerkit/core'
import { expect, it } from 'vitest'
import { checkMessage, limitsOf, show } from './limits.js'

const message: OutboundMessage = { topic: 'a/b', payload: new Uint8Array(10), qos: 1, retain: false }
const mqtt5 = limitsOf(5)

it('takes from CONNACK what the broker can do', () => {
  expect(limitsOf(5, { maximumQoS: 1, retainAvailable: false, maximumPacketSize: 100, receiveMaximum: 7 })).toEqual({
    version: 5,
    qos: 1,
    retain: false,
    maxPacketBytes: 100,
    window: 7,
    windowQos2: 256,
    topicAliases: 0,
    shares: true,
    subscriptionIds: true,
  })
  expect(limitsOf(4)).toMatchObject({ version: 4, qos: 2, retain: true, window: 256, windowQos2: 20 })
})

it.each<[string, Partial<OutboundMessage>]>([
  ['MQTT_TOPIC_INVALID', { topic: 'a/+' }],
  ['MQTT_TOPIC_INVALID', { topic: undefined as never }],
  ['MQTT_TOPIC_INVALID', { properties: { responseTopic: 'a/#' } }],
  ['MQTT_PROPERTY_INVALID', { payload: new ArrayBuffer(5_000) as never }],
  ['MQTT_PROPERTY_INVALID', { payload: 'text' as never }],
  ['MQTT_PROPERTY_INVALID', { payload: undefined as never }],
  ['MQTT_PROPERTY_INVALID', { properties: { contentType: 'x'.repeat(65_536) } }],
  // Mosquitto hangs up on each of these.
  ...['\u0001', '\t', '\n', '\u007f', '\u0085', '\ufdd0', '\ufffe', '\u{1ffff}'].flatMap(
    (unwanted): [string, Partial<OutboundMessage>][] => [
      ['MQTT_TOPIC_INVALID', { topic: `a${unwanted}` }],
      ['MQTT_TOPIC_INVALID', { properties: { responseTopic: `a${unwanted}` } }],
      ['MQTT_PROPERTY_INVALID', { properties: { contentType: unwanted } }],
      ['MQTT_PROPERTY_INVALID', { properties: { userProperties: { [unwanted]: 'a' } } }],
      ['MQTT_PROPERTY_INVALID', { properties: { userProperties: { a: `b${unwanted}` } } }],
    ],
  ),
  ['MQTT_PROPERTY_INVALID', { properties: { messageExpirySeconds: -1 } }],
  ['MQTT_PROPERTY_INVALID', { properties: { messageExpirySeconds: 1.5 } }],
  ['MQTT_PROPERTY_INVALID', { properties: { messageExpirySeconds: 4_294_967_296 } }],
  ['MQTT_PROPERTY_INVALID', { properties: { correlationData: new Uint8Array(65_536) } }],
  ['MQTT_PROPERTY_INVALID', { properties: { correlationData: 'text' as never } }],
  ['MQTT_PROPERTY_INVALID', { properties: { userProperties: { a: 1 as never } } }],
])('refuses with %s: %j', (code, wrong) => {
  expect(() => checkMessage({ ...message, ...wrong }, mqtt5)).toThrow(expect.objectContaining({ code }))
})

it('refuses what the broker or the version cannot do', () => {
  const unsupported = expect.objectContaining({ code: 'MQTT_UNSUPPORTED' })
  expect(() => checkMessage(message, { ...mqtt5, qos: 0 })).toThrow(unsupported)
  expect(() => checkMessage({ ...message, retain: true }, { ...mqtt5, retain: false })).toThrow(unsupported)
  for (const properties of [{ responseTopic: 'a' }, { correlationData: new Uint8Array() }]) {
    expect(() => checkMessage({ ...message, properties }, limitsOf(4))).toThrow(unsupported)
  }
  checkMessage({ ...message, properties: { contentType: 'text/plain', messageExpirySeconds: 1, userProperties: { a: 'b' } } }, limitsOf(4))
})

// Counted by hand from MQTT 5.0, section 3.3: type, length, topic with length, packet identifier, length of properties, properties, payload.
it.each([
  ['QoS 0, 3.1.1', { qos: 0 }, 4, 1 + 1 + 5 + 10],
  ['QoS 1, 3.1.1', {}, 4, 1 + 1 + 5 + 2 + 10],
  ['QoS 1, 5', {}, 5, 1 + 1 + 5 + 2 + 1 + 10],
  ['two bytes of length', { payload: new Uint8Array(200) }, 4, 1 + 2 + 5 + 2 + 200],
  ['three bytes of length', { payload: new Uint8Array(20_000) }, 4, 1 + 3 + 5 + 2 + 20_000],
  ['content type', { properties: { contentType: 'é' } }, 5, 1 + 1 + 5 + 2 + 1 + (1 + 2 + 2) + 10],
  ['expiry', { properties: { messageExpirySeconds: 1 } }, 5, 1 + 1 + 5 + 2 + 1 + (1 + 4) + 10],
  [
    'reply',
    { properties: { responseTopic: 'r', correlationData: new Uint8Array(3) } },
    5,
    1 + 1 + 5 + 2 + 1 + (1 + 2 + 1) + (1 + 2 + 3) + 10,
  ],
  ['user property', { properties: { userProperties: { k: 'vv' } } }, 5, 1 + 1 + 5 + 2 + 1 + (1 + 2 + 1 + 2 + 2) + 10],
] as const)('counts the bytes of a packet: %s', (_case, more, version, bytes) => {
  const limits = limitsOf(version)
  checkMessage({ ...message, ...more }, { ...limits, maxPacketBytes: bytes })
  expect(() => checkMessage({ ...message, ...more }, { ...limits, maxPacketBytes: bytes - 1 })).toThrow(
    expect.objectContaining({ code: 'MQTT_PACKET_TOO_LARGE', message: `publish "a/b": ${bytes} bytes, and ${bytes - 1} are allowed` }),
  )
})

it('shows a topic on one line, cut', () => {
  expect(show('a\nb')).toBe('"a\\nb"')
  expect(show('x'.repeat(1_000))).toHaveLength(103)
})
