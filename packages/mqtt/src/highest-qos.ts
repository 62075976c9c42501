import type { QoS } from '@butlerkit/core'
import type { MqttClient } from 'mqtt'
import { askFor } from './subscriptions.js'

/**
 * Asks a broker of MQTT 3.1.1 for its highest quality of service: the answer to SUBSCRIBE is its only word for it. NATS 2.9 never answers
 * a message beyond it, RabbitMQ takes it for one of QoS 1.
 *
 * @returns 2 where the broker does not let us ask
 */
export async function askHighestQos(client: MqttClient): Promise<QoS> {
  const topic = 'butlerkit/probe/qos'
  const [granted = 2] = await askFor(client, [topic], 2)
  client.unsubscribe(topic, () => {})
  return Math.min(2, granted) as QoS
}
