// Receives a workload with one peer; tells its parent the rate, the CPU per message and the latencies.
import { receivers } from './receivers.js'
import { readWorkload } from './workload.js'

const { peer, port, qos, count, warm, rate } = readWorkload()
const latencies: number[] = []
let received = 0
let startedAt = 0n
let cpu = process.cpuUsage()

await receivers[peer]?.(port, qos, ({ at }) => {
  received += 1
  if (rate > 0 && received > warm) latencies.push(Number(process.hrtime.bigint() - BigInt(at)) / 1_000)
  if (received === warm) {
    startedAt = process.hrtime.bigint()
    cpu = process.cpuUsage()
  }
  if (received === warm + count) finish()
})

function finish(): void {
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9
  const { user, system } = process.cpuUsage(cpu)
  const sorted = latencies.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0
  report({ perSecond: count / seconds, cpuUs: (user + system) / count, p50: at(0.5), p99: at(0.99) })
}

function report(result: object): void {
  process.send?.(result, () => process.exit())
}
