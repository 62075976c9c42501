// `pnpm --filter @butlerkit/mqtt soak`: 1,000 reconnects and 10,000 changes of the routes, and what has grown by them.
import { startChild } from '../child.js'

const child = startChild(new URL('soak-child.ts', import.meta.url), process.argv.slice(2))
await child.until((lines) => lines.length === 2)
for (const line of child.lines) console.log(line)
