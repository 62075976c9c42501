// 1: reconnects, 2: route changes; prints one line for each with what has grown.
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { silent } from '@butlerkit/core'
import { Aedes } from 'aedes'
import { mqtt } from '../../src/index.js'

const [reconnects = '1000', changes = '10000'] = process.argv.slice(2)

const aedes = await Aedes.createBroker()
const server = createServer(aedes.handle)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`

let connected = () => {}
const transport = mqtt({ url, protocol: '3.1.1', clientId: 'soak', durable: true, reconnect: { initialMs: 1, maxMs: 1, jitter: 0 } })
await transport.open({
  subscriptions: [{ filter: 'soak/#', qos: 1 }],
  receive: () => 'ack',
  changed: ({ state }) => state === 'connected' && connected(),
  logger: silent,
})

async function reconnect(): Promise<void> {
  const back = new Promise<void>((resolve) => (connected = resolve))
  const [client] = Object.values((aedes as unknown as { readonly clients: Record<string, { close(): void }> }).clients)
  client?.close()
  await back
}

async function change(index: number): Promise<void> {
  const filters = ['soak/#', `other/${index % 7}/+`]
  await transport.subscribe(filters.slice(0, 1 + (index % 2)).map((filter) => ({ filter, qos: 1 })))
}

await measure('reconnects', Number(reconnects), reconnect)
await measure('route changes', Number(changes), change)
await transport.close()
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
    }),
  )
}

/** Once what was closed has been forgotten. */
async function snapshot(): Promise<{ readonly heap: number; readonly resources: number }> {
  for (let round = 0; round < 3; round += 1) {
    await sleep(20)
    globalThis.gc?.()
  }
  return { heap: process.memoryUsage().heapUsed, resources: process.getActiveResourcesInfo().length }
}
