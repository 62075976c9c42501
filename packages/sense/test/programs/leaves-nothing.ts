import { certificate, createSense } from '@butlerkit/sense'

// Uses a client in every way that could leave something open, closes it, and says what still is.
const [host = '', port = '', dir = ''] = process.argv.slice(2)
const before = process.getActiveResourcesInfo()
const sense = createSense({ host, qrsPort: Number(port), auth: certificate({ dir }), user: String.raw`INTERNAL\sa_api`, allowTasks: 'all' })
await sense.qrs.about()
const run = await sense.tasks.start({ name: 'Reload' })
const steps = run[Symbol.asyncIterator]()
await steps.next()
const finished = run.finished()
const given = run.finished({ signal: AbortSignal.abort() })
await Promise.all([sense.close(), given.catch(() => {}), finished.catch(() => {})])
await new Promise((resolve) => setImmediate(resolve))
const after = process.getActiveResourcesInfo()
for (const name of before) after.splice(after.indexOf(name), 1)
process.stdout.write(JSON.stringify(after))
