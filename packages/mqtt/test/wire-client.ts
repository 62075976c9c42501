import { connect, type MqttClient } from 'mqtt'
import type { startWireBroker, WireConnection } from './wire-broker.js'

type WireBroker = Awaited<ReturnType<typeof startWireBroker>>

/** A bare mqtt.js that keeps its session and does nothing by itself. */
export function makeClient({ port }: WireBroker, protocolVersion: 4 | 5): MqttClient {
  return connect({
    port,
    host: '127.0.0.1',
    protocolVersion,
    clean: false,
    clientId: 'wire',
    manualConnect: true,
    reconnectPeriod: 2 ** 31 - 1,
  })
}

/** Connects it, the broker answering with `connack`. */
export async function dial(client: MqttClient, broker: WireBroker, connack: Buffer): Promise<WireConnection> {
  const connected = new Promise((resolve) => client.once('connect', resolve))
  client.connect()
  const connection = await broker.accept()
  connection.write(connack)
  await connected
  return connection
}

/** Cuts its connection. */
export async function cut(client: MqttClient, connection: WireConnection): Promise<void> {
  const closed = new Promise<void>((resolve) => client.once('close', resolve))
  connection.destroy()
  await closed
}
