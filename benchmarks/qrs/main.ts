// Asks a local server for a list of 100 apps (89 kB) over mutual TLS, by several clients in turns, and prints how they compare.
//
//   pnpm --filter @butlerkit/benchmarks qrs [rounds] [requests a turn]
//   pnpm --filter @butlerkit/benchmarks qrs --quick                        for CI: does every client bring what was sent?
//
// Ours is measured as it is published: tsx keeps the names of functions, which costs something for each that is made.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createCertificateAuthority } from '@butlerkit/sense-simulator'
import { apps } from './apps.js'
import { openClients, type Site } from './clients.js'
import { race } from './race.js'
import { judge, report } from './report.js'

const { values: flags, positionals } = parseArgs({ options: { quick: { type: 'boolean', default: false } }, allowPositionals: true })
const rounds = Number(positionals[0] ?? (flags.quick ? 2 : 30))
const requests = Number(positionals[1] ?? (flags.quick ? 20 : 100))

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
  await checkAnswers()
  let met = true
  for (const concurrency of [1, 10, 50]) {
    const [before, since] = [await serverCpu(), performance.now()]
    const results = await race(clients, { rounds, requests, concurrency })
    const busy = ((await serverCpu()) - before) / 1_000 / (performance.now() - since)
    console.log(`\n${concurrency} at once, the server busy for ${Math.round(busy * 100)} % of the time`)
    console.log(report(results))
    // So short a run says nothing of speed.
    if (flags.quick) continue
    for (const { what, value, isMet } of judge(results)) {
      console.log(`${isMet ? 'met   ' : 'missed'}  ${value.toFixed(2)}  ${what}, ${concurrency} at once`)
      met &&= isMet
    }
  }
  if (!flags.quick) console.log(met ? '\nAll goals are met.' : '\nNot all goals are met.')
  if (!met) process.exitCode = 1
} finally {
  await Promise.all(clients.map((client) => client.close()))
  child.kill()
  await rm(dir, { recursive: true })
}

/** @throws where a client does not bring the apps as they were sent */
async function checkAnswers(): Promise<void> {
  const sent = apps(100).map(({ name }) => name)
  for (const { name, list } of clients) {
    const brought = await list()
    const names = brought.map((app) => app.name)
    assert.deepEqual(names, sent, name)
  }
}

/** User and system time of the server so far, in microseconds. */
async function serverCpu(): Promise<number> {
  child.send('cpu')
  const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage]
  return user + system
}
