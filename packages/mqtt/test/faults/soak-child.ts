// 1: reconnects, 2: route changes; prints one line for each with what has grown.
import type { EventEmitter } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createButler, createRouter, topic } from '@butlerkit/core'
import { Aedes } from 'aedes'
import { MqttClient } from 'mqtt'
import { mqtt } from '../../src/index.js'

const [reconnects = '1000', changes = '10000'] = process.argv.slice(2)

const aedes = await Aedes.createBroker()
const server = createServer(aedes.handle)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`

// The client inside the transport, to count its listeners.
const clients = new Set<MqttClient>()
const { connect } = MqttClient.prototype
MqttClient.prototype.connect = function capture(this: MqttClient) {
  clients.add(this)
  return connect.call(this)
}

let connected = () => {}
const butler = createButler({
  name: 'soak',
  transports: [mqtt({ url, protocol: '3.1.1', clientId: 'soak', durable: true, reconnect: { initialMs: 1, maxMs: 1, jitter: 0 } })],
}).mount(createRouter().on(topic('soak/#rest'), () => {}))
butler.events.on('healthChanged', ({ health }) => health.state === 'connected' && connected())
await butler.start()

async function reconnect(): Promise<void> {
  const back = new Promise<void>((resolve) => (connected = resolve))
  const [client] = Object.values((aedes as unknown as { readonly clients: Record<string, { close(): void }> }).clients)
  client?.close()
  await back
}

const patterns = ['other/+x', 'other/a', 'other/#rest', '+first/b', 'soak/a/b', 'other/+x/c/#rest', 'c']

/** One router more, or the oldest of three less: filters come, go, and cover each other in ever other ways. */
const attached: { detach(): Promise<void> }[] = []
async function change(index: number): Promise<void> {
  const oldest = attached.length === 3 || index % 2 === 1 ? attached.shift() : undefined
  if (oldest) return oldest.detach()
  attached.push(await butler.attach(createRouter().on(topic(patterns[index % patterns.length] ?? ''), () => {}, { concurrency: 1 })))
}

await measure('reconnects', Number(reconnects), reconnect)
await measure('route changes', Number(changes), change)
await butler.stop()
await new Promise<void>((resolve) => aedes.close(() => resolve()))
server.close()

/** After a first half, in which caches fill and code is compiled: how much the heap and the number of resources have grown over the rest. */
async function measure(name: string, times: number, step: (index: number) => Promise<void>): Promise<void> {
  const warm = Math.ceil(times / 2)
  for (let index = 0; index < warm; index += 1) await step(index)
  const before = await snapshot()
  for (let index = warm; index < times; index += 1) await step(index)
  const after = await snapshot()
  const heapKiB = Math.round((after.heap - before.heap) / 1_024)
  console.log(
    JSON.stringify({
      name,
      times,
      heapKiB,
      bytesEach: Math.round((heapKiB * 1_024) / (times - warm)),
      resources: after.resources - before.resources,
      listeners: after.listeners - before.listeners,
    }),
  )
}

/** Once what was closed has been forgotten. */
async function snapshot(): Promise<{ readonly heap: number; readonly resources: number; readonly listeners: number }> {
  for (let round = 0; round < 3; round += 1) {
    await sleep(20)
    globalThis.gc?.()
  }
  const emitters: EventEmitter[] = [process, ...[...clients].flatMap((client) => [client, client.stream] as unknown as EventEmitter[])]
  const listeners = emitters.flatMap((emitter) => emitter.eventNames().map((name) => emitter.listenerCount(name)))
  return {
    heap: process.memoryUsage().heapUsed,
    resources: process.getActiveResourcesInfo().length,
    listeners: listeners.reduce((sum, count) => sum + count, 0),
  }
}
