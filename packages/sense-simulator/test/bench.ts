import { cpus } from 'node:os'
import { Agent, request } from 'node:https'
import { simulateSense } from '@butlerkit/sense-simulator'
import { properHeaders, xrfkey } from './qrs-call.js'

/**
 * Requests per second that the site answers, client and site in this one process: over mutual TLS, and by `site.fetch` without a socket.
 * Prints a line for each call. The goal is 5,000 on two cores.
 */
const durationMs = 2_000
const atOnce = 20

const apps = Array.from({ length: 100 }, (_, index) => ({ name: `App ${index}`, stream: 'Everyone', tags: ['nightly'] }))
const site = await simulateSense({ seed: { apps, reloadTasks: [{ name: 'Reload', app: 'App 1' }] } })
const { ca, cert, key } = site.certificates
const agent = new Agent({ ca, cert, key, keepAlive: true, maxSockets: atOnce })

console.log(`Node ${process.version}, ${cpus().length} cores, ${atOnce} at once`)
for (const path of ['/about', `/reloadtask/${site.task('Reload').id}`, "/app/count?filter=name%20eq%20'App%205'", '/app/full']) {
  const overWire = await measure(() => get(path))
  const inProcess = await measure(() => fetchIn(path))
  const perSecond = [overWire, inProcess].map(({ perSecond: figure }) => figure.toLocaleString('en').padStart(7))
  console.log(`${path.padEnd(50)} ${perSecond[0]} requests/s over the wire, ${perSecond[1]} in process, ${overWire.bytesEach} bytes each`)
}
agent.destroy()
await site.close()

async function measure(ask: () => Promise<number>): Promise<{ readonly perSecond: number; readonly bytesEach: number }> {
  await run(ask, durationMs / 4)
  const { requests, bytes, seconds } = await run(ask, durationMs)
  return { perSecond: Math.round(requests / seconds), bytesEach: Math.round(bytes / requests) }
}

async function run(ask: () => Promise<number>, ms: number): Promise<{ requests: number; bytes: number; seconds: number }> {
  const began = performance.now()
  let requests = 0
  let bytes = 0
  const worker = async () => {
    while (performance.now() - began < ms) {
      const received = await ask()
      bytes += received
      requests += 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { requests, bytes, seconds: (performance.now() - began) / 1_000 }
}

function addressOf(path: string): string {
  return `/qrs${path}${path.includes('?') ? '&' : '?'}xrfkey=${xrfkey}`
}

async function fetchIn(path: string): Promise<number> {
  const response = await site.fetch(`https://sense.lab${addressOf(path)}`, { headers: properHeaders })
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`)
  return (await response.arrayBuffer()).byteLength
}

function get(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: site.host, port: site.port, path: addressOf(path), headers: properHeaders, agent }, (incoming) => {
      let bytes = 0
      incoming.on('data', (chunk: Buffer) => (bytes += chunk.length))
      incoming.on('end', () => (incoming.statusCode === 200 ? resolve(bytes) : reject(new Error(`${path}: ${incoming.statusCode}`))))
    })
    outgoing.on('error', reject).end()
  })
}
