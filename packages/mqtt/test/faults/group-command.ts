// `pnpm --filter @butlerkit/mqtt group`: what 1, 2 and 4 butlers of one group on a Mosquitto handle per second.
import { startMosquitto } from '../brokers/mosquitto.js'
import { startChild } from '../child.js'

const broker = await startMosquitto({ lines: ['allow_anonymous true', 'max_queued_messages 0'] })
const child = startChild(new URL('group.ts', import.meta.url), [broker.url, ...process.argv.slice(2)])
await child.until((lines) => lines.length === 3)
for (const line of child.lines) console.log(line)
await broker.close()
