// `pnpm --filter @butlerkit/mqtt cluster`: three NATS servers, two butlers at two of them, the third killed and started again while
// 300 messages are sent. Prints what each butler has handled, every five seconds; ends when both have all, or after two minutes.
// A command and no test: NATS 2.9.10 now and then gives a session nothing for minutes after its cluster has begun or lost a server.
import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import { startNats } from '../brokers/nats.js'
import { startChild, type Child } from '../child.js'

const count = 300
const { servers, close } = await startNats(3)
const [first, second, third] = servers
if (!first || !second || !third) throw new Error('a cluster of three')
const butlers = [first, second].map(({ url }, index) => startChild(new URL('butler-child.ts', import.meta.url), [url, `cluster-${index}`]))
await Promise.all(butlers.map((butler) => butler.until((lines) => lines.includes('started'))))
const sender = await connectAsync(second.url, { protocolVersion: 4 })
for (let number = 0; number < count; number += 1) {
  if (number === 100) await third.kill()
  if (number === 200) await third.start()
  await sender.publishAsync('work/cluster', `${number}`, { qos: 1 })
}

const handled = ({ lines }: Child) => new Set(lines.filter((line) => line.startsWith('done'))).size
for (let seconds = 0; seconds < 120 && !butlers.every((butler) => handled(butler) === count); seconds += 5) {
  await sleep(5_000)
  console.log(JSON.stringify({ sent: count, handled: butlers.map(handled) }))
}
process.exitCode = butlers.every((butler) => handled(butler) === count) ? 0 : 1
await sender.endAsync(true)
for (const butler of butlers) await butler.end('SIGKILL')
await close()
