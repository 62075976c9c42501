import type { Transport } from '@butlerkit/core'
import { transportContract, type TransportBench } from '@butlerkit/core/testing'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { mqtt, type MqttOptions } from '../src/index.js'
import { brokerKinds, type RunningBroker } from './brokers/kinds.js'
import { startFaultProxy } from './faults/fault-proxy.js'

// The others deviate from MQTT in more than abilities ($-topics, redelivery only after a time): `brokers.test.ts` says what holds on them.
const conforming = brokerKinds.filter(({ name }) => name === 'Mosquitto' || name === 'aedes')

// The contract brings names and assertions.
const define = it

describe.each(conforming)('$name', ({ missing, options, abilities, start, cannot }) => {
  let broker: RunningBroker

  beforeAll(async () => {
    if (missing === undefined) broker = await start()
  }, 120_000)
  afterAll(() => broker?.close(), 60_000)

  for (const protocol of abilities['MQTT 5'] ? (['5', '3.1.1'] as const) : (['3.1.1'] as const)) {
    transportContract({
      describe,
      it: (name, body) =>
        define(name, async (context) => {
          context.skip(missing !== undefined, missing)
          await body(context)
        }),
      name: `mqtt, ${protocol}`,
      ...(cannot && { cannot }),
      open: () => openBench(broker, { ...options, protocol }),
    })
  }
})

/** One broker serves all tests: what a test leaves there, sessions and retained messages, is taken away after it. */
async function openBench({ port }: RunningBroker, options: Partial<MqttOptions>): Promise<TransportBench> {
  const relays = new Map<Transport, Awaited<ReturnType<typeof startFaultProxy>>>()
  const retained = new Set<string>()
  const { username, password } = options
  const credentials = { ...(username && { username }), ...(password && { password }) }
  return {
    async transport({ clientId, durable }) {
      const relay = await startFaultProxy(port)
      const inner = mqtt({ reconnect: { initialMs: 10, maxMs: 100 }, ...options, url: relay.url, clientId, durable })
      const transport: Transport = {
        ...inner,
        get capabilities() {
          return inner.capabilities
        },
        open(session, openOptions) {
          if (session.status) retained.add(session.status.topic)
          return inner.open(session, openOptions)
        },
        publish(message, publishOptions) {
          if (message.retain) retained.add(message.topic)
          return inner.publish(message, publishOptions)
        },
      }
      relays.set(transport, relay)
      return transport
    },
    disconnect: (transport) => relays.get(transport)?.cut(),
    async close() {
      const url = `mqtt://127.0.0.1:${port}`
      for (const clientId of new Set([...relays.keys()].map((transport) => transport.clientId))) {
        const client = await connectAsync(url, { ...credentials, protocolVersion: 4, clientId, clean: true })
        for (const topic of retained) await client.publishAsync(topic, '', { qos: 1, retain: true })
        retained.clear()
        await client.endAsync()
      }
      for (const relay of relays.values()) await relay.close()
    },
  }
}
