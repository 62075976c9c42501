// Publishes a workload with one peer, 200 at a time; tells its parent the rate and the CPU per message.
import { publishers, type Publish } from './publishers.js'
import { payloadOf, readWorkload } from './workload.js'

const { peer, port, qos, count, warm, bytes } = readWorkload()
const payload = JSON.parse(payloadOf(bytes)) as Parameters<Publish>[0]
const connect = publishers[peer]
if (connect === undefined) throw new Error(`no publisher ${peer}`)
const publish = await connect(port, qos)
const batch = 200

async function send(messages: number): Promise<void> {
  for (let sent = 0; sent < messages; sent += batch) {
    await Promise.all(Array.from({ length: batch }, () => publish(payload)))
  }
}

await send(warm)
const cpu = process.cpuUsage()
const startedAt = process.hrtime.bigint()
await send(count)
const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9
const { user, system } = process.cpuUsage(cpu)
report({ perSecond: count / seconds, cpuUs: (user + system) / count, p50: 0, p99: 0 })

function report(result: object): void {
  process.send?.(result, () => process.exit())
}
