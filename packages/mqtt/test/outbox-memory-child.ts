// Publishes 100,000 messages of 2 kB to a broker that is away: prints `waiting` and `sent`, each with how many MiB it has grown since it began
// and how many messages were refused or sent.
import { silent } from '@butlerkit/core'
import { mqtt } from '../src/index.js'

const [url = '', max = ''] = process.argv.slice(2)
const reconnect = { initialMs: 100, maxMs: 100 }
const transport = mqtt({ url, firstConnect: 'wait', reconnect, outbox: { max: Number(max), whenFull: 'drop-oldest' } })
transport.open({ subscriptions: [], receive: () => 'ack', changed() {}, logger: silent }).catch(() => {})
await new Promise((resolve) => setImmediate(resolve))

const before = await usedMiB()
let sent = 0
let refused = 0
for (let number = 0; number < 100_000; number += 1) {
  const message = { topic: 'flood', payload: new Uint8Array(2_048).fill(number), qos: 1, retain: false } as const
  transport.publish(message).then(
    () => count((sent += 1)),
    () => (refused += 1),
  )
  if (number % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve))
}
await new Promise((resolve) => setImmediate(resolve))
console.log(`waiting ${(await usedMiB()) - before} ${refused}`)

function count(done: number): void {
  if (done + refused === 100_000) void usedMiB().then((used) => console.log(`sent ${used - before} ${done}`))
}

async function usedMiB(): Promise<number> {
  // Buffers are freed beside the collection, after what held them.
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { heapUsed, external } = process.memoryUsage()
  return Math.round((heapUsed + external) / 1_048_576)
}
