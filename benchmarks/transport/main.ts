// What is measured are the built packages: tsx, which runs this, makes source slower than it is.
// `pnpm --filter @butlerkit/benchmarks transport [share of the messages, 1 by default] [rounds, 3]`, or `transport --quick`
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

/** A peer that takes longer than this for one workload is stuck. */
const patienceMs = 180_000
const quick = process.argv.includes('--quick')
const [share, rounds] = quick ? [0.02, 1] : [Number(process.argv[2] ?? 1), Number(process.argv[3] ?? 3)]
const levels = quick ? ([1] as const) : ([0, 1, 2] as const)

function start(file: string, argument: object): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(argument)], {
    execArgv: ['--import', 'tsx'],
  })
}

/** One peer against a firehose of its own. */
async function measure(file: string, peer: string, workload: Workload): Promise<Result> {
  const firehose = start('firehose.ts', workload)
  try {
    const port = await answerOf<number>(firehose)
    const child = start(file, { ...workload, peer, port })
    try {
      return await answerOf<Result>(child)
    } finally {
      child.kill()
    }
  } finally {
    firehose.kill()
  }
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const over = new AbortController()
  child.once('exit', (code) => over.abort(new Error(`a process of the benchmark ended with ${code} and no answer`)))
  const [answer] = (await once(child, 'message', { signal: AbortSignal.any([over.signal, AbortSignal.timeout(patienceMs)]) })) as [T]
  return answer
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
  { bytes: 100, count: { 0: 450_000, 1: 225_000, 2: 112_000 } },
  { bytes: 10_000, count: { 0: 45_000, 1: 45_000, 2: 30_000 } },
] as const

/** So much of it, after a third as much to warm up. */
const volume = (count: number) => ({ count: Math.ceil(count * share), warm: Math.ceil((count * share) / 3) })

for (const { bytes, count } of sizes) {
  for (const qos of levels) {
    console.log(`\nreceived and handled, QoS ${qos}, ${bytes} bytes`)
    await compare('receive.ts', Object.keys(receivers), { qos, bytes, ...volume(count[qos]), rate: 0 })
  }
}
for (const qos of levels) {
  console.log(`\npublished, QoS ${qos}, 100 bytes`)
  await compare('publish.ts', Object.keys(publishers), { qos, bytes: 100, ...volume(40_000), rate: 0 })
}
for (const qos of levels) {
  console.log(`\nlatency at 1,000/s, QoS ${qos}, 100 bytes`)
  const [count, warm] = [Math.ceil(3_000 * share), Math.ceil(20_000 * share)]
  await compare('receive.ts', Object.keys(receivers), { qos, bytes: 100, count, warm, rate: 1_000 })
}
process.exit()
