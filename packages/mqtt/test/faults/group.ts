// `pnpm --filter @butlerkit/mqtt group <url>`: how many messages 1, 2 and 4 butlers of one group handle per second, each message
// with 2 ms of computing. Prints one line for each number.
import { connectAsync } from 'mqtt'
import { startChild, type Child } from '../child.js'

const [url = '', most = '4', count = '4000'] = process.argv.slice(2)
const total = Number(count)
const sender = await connectAsync(url, { protocolVersion: 4 })

for (let processes = 1; processes <= Number(most); processes *= 2) {
  const children = Array.from({ length: processes }, (_, index) =>
    startChild(new URL('group-child.ts', import.meta.url), [url, `group-${processes}-${index}`, `group-${processes}`]),
  )
  await Promise.all(children.map((child) => child.until((lines) => lines.includes('started'))))
  const startedAt = performance.now()
  for (let number = 0; number < total; number += 1) sender.publish(`group-${processes}/work`, `${number}`, { qos: 1 })
  await Promise.race(children.map((child) => child.until(() => sum(children) === total)))
  const seconds = (performance.now() - startedAt) / 1_000
  console.log(JSON.stringify({ processes, perSecond: Math.round(total / seconds), shares: children.map(handled) }))
  await Promise.all(children.map((child) => child.end('SIGTERM')))
}
await sender.endAsync()

function handled({ lines }: Child): number {
  return lines.filter((line) => line === 'done').length
}

function sum(children: readonly Child[]): number {
  return children.reduce((all, child) => all + handled(child), 0)
}
