import { certificate, createSense } from '@butlerkit/sense'

// Uses a client in every way that could leave something open, closes it, and says what still is.
const [host = '', port = '', enginePort = '', dir = ''] = process.argv.slice(2)
const before = process.getActiveResourcesInfo()
const user = String.raw`INTERNAL\sa_api`
const ports = { qrsPort: Number(port), enginePort: Number(enginePort) }
const sense = createSense({ host, ...ports, auth: certificate({ dir }), user, allowTasks: 'all' })
const [app] = await sense.qrs.apps.list()
const subscription = await sense.qrs.subscribe({ callbackUrl: 'http://127.0.0.1:9/hook' })
const open = await sense.engine.open(app?.id ?? '')
await open.evaluate('1')
const samples = sense.health.watch()[Symbol.asyncIterator]()
await samples.next()
const nextSample = samples.next()
const run = await sense.tasks.start({ name: 'Reload' })
const steps = run[Symbol.asyncIterator]()
await steps.next()
const finished = run.finished()
const given = run.finished({ signal: AbortSignal.abort() })
await Promise.all([sense.close(), subscription.close(), nextSample.catch(() => {}), given.catch(() => {}), finished.catch(() => {})])
await new Promise((resolve) => setImmediate(resolve))
const after = process.getActiveResourcesInfo()
for (const name of before) after.splice(after.indexOf(name), 1)
process.stdout.write(JSON.stringify(after))
