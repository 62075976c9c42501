import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Transport } from '@butlerkit/core'
import { transportContract, type TransportBench } from '@butlerkit/core/testing'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, it, onTestFinished } from 'vitest'
import { mqtt, type MqttOptions } from '../src/index.js'
import type { RunningBroker } from './brokers/broker-process.js'
import { brokerKinds, cannotPass } from './brokers/kinds.js'
import { startFaultProxy } from './faults/fault-proxy.js'

// The contract brings names and assertions.
const define = it

describe.each(brokerKinds)('$name', ({ missing, options, abilities, start }) => {
  const cannot = cannotPass(abilities)
  let broker: RunningBroker

  beforeAll(async () => {
    if (missing === undefined) broker = await start()
  }, 120_000)
  afterAll(() => broker?.close(), 60_000)

  for (const protocol of abilities['MQTT 5'] ? (['5', '3.1.1'] as const) : (['3.1.1'] as const)) {
    const open = () => openBench(broker, { ...options, protocol })
    transportContract({
      describe,
      it: (name, body) =>
        define(name, async (context) => {
          context.skip(missing !== undefined, missing)
          await body(context)
        }),
      name: `mqtt, ${protocol}`,
      cannot,
      open,
    })
    if (Object.keys(cannot).length === 0) continue
    transportContract({
      describe,
      it: (name, body) => {
        if (!(name in cannot)) return
        define(`${name}: still not`, async (context) => {
          context.skip(missing !== undefined, missing)
          await cannotYet(body(context), cannot[name])
        })
      },
      name: `mqtt, ${protocol}, where the broker lacks something,`,
      open,
    })
  }
})

/** @throws when the test passes after all */
async function cannotYet(test: Promise<void>, reason: string | undefined): Promise<void> {
  const passed = test.then(
    () => true,
    () => false,
  )
  // Some of them wait for what never comes.
  if (await Promise.race([passed, sleep(1_500, false)])) throw new Error(`it can, after all: ${reason}`)
}

/**
 * One broker serves all tests. Each has client identifiers of its own, and what it leaves there, sessions and retained messages, is taken
 * away after it, also when it failed or still waits.
 */
async function openBench({ port }: RunningBroker, options: Partial<MqttOptions>): Promise<TransportBench> {
  const test = randomBytes(4).toString('hex')
  const relays = new Map<Transport, Awaited<ReturnType<typeof startFaultProxy>>>()
  const sessions = new Set([`contract-${test}`])
  const retained = new Set<string>()
  const { username, password } = options
  const credentials = { ...(username && { username }), ...(password && { password }) }
  let closing: Promise<void> | undefined

  async function closeOnce(): Promise<void> {
    await Promise.allSettled([...relays.keys()].map((transport) => transport.close()))
    for (const clientId of sessions) {
      const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { ...credentials, protocolVersion: 4, clientId, clean: true })
      for (const topic of retained) await client.publishAsync(topic, '', { qos: 1, retain: true })
      retained.clear()
      await client.endAsync()
    }
    for (const relay of relays.values()) await relay.close()
  }
  const close = () => (closing ??= closeOnce())
  onTestFinished(close)

  return {
    async transport({ clientId: name, durable }) {
      const clientId = `${name}-${test}`
      if (durable) sessions.add(clientId)
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
    close,
  }
}
