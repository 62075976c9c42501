import type { OutboundMessage } from '@butlerkit/core'
import type { ErrorWithReasonCode } from 'mqtt'
import { reasonText } from './connect-failure.js'
import { MqttError } from './errors.js'
import { show } from './limits.js'
import type { Link } from './link.js'
import { toBuffer, toPacket } from './properties.js'

/**
 * Hands a message to the connection.
 *
 * @param done - called once: when the broker has it, or with `MQTT_PUBLISH_REFUSED` or `MQTT_NOT_CONNECTED`
 */
export function send(
  link: Link | undefined,
  { topic, payload, qos, retain, properties }: OutboundMessage,
  done: (error?: MqttError) => void,
): void {
  const packetProperties = link?.version === 5 && properties !== undefined ? { properties: toPacket(properties) } : {}
  link?.cork()
  link?.client.publish(topic, toBuffer(payload), { qos, retain, ...packetProperties }, (error) => {
    // 0x92 answers PUBREL: the broker took the message and has forgotten that it did (MQTT 5.0, section 3.7.2.1).
    if (!error || ('code' in error && error.code === 0x92)) return done()
    done(publishFailure(topic, error))
  })
}

function publishFailure(topic: string, cause: Error | ErrorWithReasonCode): MqttError {
  const reasonCode = 'code' in cause && typeof cause.code === 'number' ? cause.code : undefined
  if (reasonCode === undefined) return new MqttError('MQTT_NOT_CONNECTED', `publish ${show(topic)}: ${cause.message}`, { cause })
  return new MqttError('MQTT_PUBLISH_REFUSED', `publish ${show(topic)}: ${reasonText(reasonCode)}`, { reasonCode, cause })
}
