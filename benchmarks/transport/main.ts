// What is measured are the built packages: tsx, which runs this, makes source slower than it is.
// `pnpm --filter @butlerkit/benchmarks transport [share of the messages, 1 by default] [rounds, 3]`
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { publishers } from './publishers.js'
import { receivers } from './receivers.js'
import type { Workload } from './workload.js'

interface Result {
  readonly perSecond: number
  readonly cpuUs: number
  readonly p50: number
  readonly p99: number
}

const share = Number(process.argv[2] ?? 1)
const rounds = Number(process.argv[3] ?? 3)

function start(file: string, argument: object): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(argument)], {
    execArgv: ['--import', 'tsx'],
  })
}

/** One peer against a firehose of its own. */
async function measure(file: string, peer: string, workload: Workload): Promise<Result> {
  const firehose = start('firehose.ts', workload)
  const [port] = (await once(firehose, 'message')) as [number]
  const child = start(file, { ...workload, peer, port })
  const [result] = (await once(child, 'message')) as [Result]
  child.kill()
  firehose.kill()
  return result
}

/** Peers take turns, so that what else the machine does falls on all of them; the median of the rounds counts. */
async function compare(file: string, peers: readonly string[], workload: Workload): Promise<void> {
  const results = new Map(peers.map((peer) => [peer, [] as Result[]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const peer of peers) results.get(peer)?.push(await measure(file, peer, workload))
  }
  const median = (peer: string, of: (result: Result) => number) => {
    const sorted = (results.get(peer) ?? []).map(of).toSorted((a, b) => a - b)
    return sorted[sorted.length >> 1] ?? 0
  }
  const [first = ''] = peers
  for (const peer of peers) {
    const cells =
      workload.rate > 0
        ? [
            `p50 ${median(peer, ({ p50 }) => p50).toFixed(0)} µs`,
            `p99 ${median(peer, ({ p99 }) => p99).toFixed(0)} µs`,
            ratio(({ p99 }) => p99),
          ]
        : [
            `${Math.round(median(peer, ({ perSecond }) => perSecond))}/s`,
            `${median(peer, ({ cpuUs }) => cpuUs).toFixed(2)} µs CPU`,
            ratio(({ perSecond }) => perSecond),
            // On a busy machine the steadier of the two.
            `${ratio(({ cpuUs }) => 1 / cpuUs)} by CPU`,
          ]
    console.log(`| ${peer} | ${cells.join(' | ')} |`)

    function ratio(of: (result: Result) => number): string {
      return `× ${(median(peer, of) / median(first, of)).toFixed(2)}`
    }
  }
}

const sizes = [
  { bytes: 100, count: { 0: 600_000, 1: 300_000, 2: 150_000 } },
  { bytes: 10_000, count: { 0: 60_000, 1: 60_000, 2: 40_000 } },
] as const

for (const { bytes, count } of sizes) {
  for (const qos of [0, 1, 2] as const) {
    console.log(`\nreceived and handled, QoS ${qos}, ${bytes} bytes`)
    await compare('receive.ts', Object.keys(receivers), { qos, bytes, count: Math.ceil(count[qos] * share), rate: 0 })
  }
}
for (const qos of [0, 1, 2] as const) {
  console.log(`\npublished, QoS ${qos}, 100 bytes`)
  await compare('publish.ts', Object.keys(publishers), { qos, bytes: 100, count: Math.ceil(40_000 * share), rate: 0 })
}
for (const qos of [0, 1, 2] as const) {
  console.log(`\nlatency at 1,000/s, QoS ${qos}, 100 bytes`)
  await compare('receive.ts', Object.keys(receivers), { qos, bytes: 100, count: Math.ceil(4_000 * share), rate: 1_000 })
}
process.exit()
