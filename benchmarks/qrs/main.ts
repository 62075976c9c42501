// Asks a local server for a list of 100 apps (83 kB) over mutual TLS, by several clients in turns, and prints how they compare.
//
//   pnpm --filter @butlerkit/benchmarks qrs [rounds] [requests a turn]
//
// Ours is measured as it is published: tsx keeps the names of functions, which costs something for each that is made.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority } from '@butlerkit/sense-simulator'
import { openClients, type Site } from './clients.js'
import { race } from './race.js'
import { isMet, report } from './report.js'

const rounds = Number(process.argv[2] ?? 15)
const requests = Number(process.argv[3] ?? 200)

const authority = await createCertificateAuthority({ commonName: 'benchmark' })
const server = await authority.issue({ commonName: 'localhost', hosts: ['localhost', '127.0.0.1'] })
const { cert, key } = await authority.issue({ commonName: 'client', client: true })
const dir = await mkdtemp(join(tmpdir(), 'butlerkit-qrs-'))
await writeFile(join(dir, 'client.pem'), cert)
await writeFile(join(dir, 'client_key.pem'), key)

// A process of its own, so that its work is not counted as the clients'.
const child = fork(new URL('server.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })
child.send({ cert: server.cert, key: server.key, ca: authority.ca })
const [{ port, bytes }] = (await once(child, 'message')) as [{ port: number; bytes: number }]
const site: Site = { host: '127.0.0.1', port, dir, cert, key, ca: authority.ca, user: { directory: 'INTERNAL', id: 'sa_api' } }

console.log(`Node ${process.version}, ${rounds} rounds of ${requests} requests, ${Math.round(bytes / 1_000)} kB each`)
const clients = openClients(site)
try {
  let met = true
  for (const concurrency of [1, 10, 50]) {
    const results = await race(clients, { rounds, requests, concurrency })
    console.log(`\n${concurrency} at once`)
    console.log(report(results))
    met = isMet(results, concurrency) && met
  }
  console.log(met ? '\nAll goals are met.' : '\nNot all goals are met.')
  if (!met) process.exitCode = 1
} finally {
  await Promise.all(clients.map((client) => client.close()))
  child.kill()
  await rm(dir, { recursive: true })
}
