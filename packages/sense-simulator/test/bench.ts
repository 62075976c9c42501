import { cpus } from 'node:os'
import { Agent, request } from 'node:https'
import { simulateSense } from '@butlerkit/sense-simulator'
import { properHeaders, xrfkey } from './qrs-call.js'

/** Requests per second that the site answers over mutual TLS, client and site in this one process. Prints a line for each call. */
const durationMs = 2_000
const atOnce = 20

const apps = Array.from({ length: 100 }, (_, index) => ({ name: `App ${index}`, stream: 'Everyone', tags: ['nightly'] }))
const site = await simulateSense({ seed: { apps, reloadTasks: [{ name: 'Reload', app: 'App 1' }] } })
const { ca, cert, key } = site.certificates
const agent = new Agent({ ca, cert, key, keepAlive: true, maxSockets: atOnce })

console.log(`Node ${process.version}, ${cpus().length} cores, ${atOnce} at once`)
for (const path of ['/about', `/reloadtask/${site.task('Reload').id}`, "/app/count?filter=name%20eq%20'App%205'", '/app/full']) {
  await run(path, durationMs / 4)
  const { requests, bytes, seconds } = await run(path, durationMs)
  console.log(
    `${path.padEnd(50)} ${Math.round(requests / seconds).toLocaleString('en')} requests/s, ${Math.round(bytes / requests)} bytes each`,
  )
}
agent.destroy()
await site.close()

async function run(path: string, ms: number): Promise<{ requests: number; bytes: number; seconds: number }> {
  const began = performance.now()
  let requests = 0
  let bytes = 0
  const worker = async () => {
    while (performance.now() - began < ms) {
      const received = await get(path)
      bytes += received
      requests += 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { requests, bytes, seconds: (performance.now() - began) / 1_000 }
}

function get(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = `/qrs${path}${path.includes('?') ? '&' : '?'}xrfkey=${xrfkey}`
    const outgoing = request({ host: site.host, port: site.port, path: url, headers: properHeaders, agent }, (incoming) => {
      let bytes = 0
      incoming.on('data', (chunk: Buffer) => (bytes += chunk.length))
      incoming.on('end', () => (incoming.statusCode === 200 ? resolve(bytes) : reject(new Error(`${path}: ${incoming.statusCode}`))))
    })
    outgoing.on('error', reject).end()
  })
}
