// A Butler whose handlers wait, behind 100,000 messages of 2 kB: prints how much its memory has grown, and how many were started.
import { binary, createButler, createRouter, topic } from '@butlerkit/core'
import { mqtt } from '../../src/index.js'
import { startChild } from '../child.js'

const [url = ''] = process.argv.slice(2)
const router = createRouter()
let started = 0
router.on(topic('flood', { codec: binary, qos: 1 }), () => {
  started += 1
  return new Promise(() => {})
})
const butler = createButler({ name: 'flooded', transports: [mqtt({ url, clientId: 'flooded', durable: true })], drainTimeoutMs: 1 }).mount(
  router,
)
await butler.start()
globalThis.gc?.()
const before = process.memoryUsage.rss()
const sender = startChild(new URL('flood-child.ts', import.meta.url), [url])
await sender.until((lines) => lines.includes('sent'))
globalThis.gc?.()
console.log(`result ${Math.round((process.memoryUsage.rss() - before) / 1_048_576)} ${started}`)
await sender.end('SIGKILL')
await butler.stop()
