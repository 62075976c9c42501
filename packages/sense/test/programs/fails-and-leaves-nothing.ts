import { PassThrough } from 'node:stream'
import { certificate, createSense } from '@butlerkit/sense'

// Uses a client of a site on which each of these goes wrong, closes it, and says what went wrong and what still is open.
const [host = '', port = '', enginePort = '', dir = ''] = process.argv.slice(2)
const before = process.getActiveResourcesInfo()
const user = String.raw`INTERNAL\sa_api`
const ports = { qrsPort: Number(port), enginePort: Number(enginePort) }
const sense = createSense({ host, ...ports, auth: certificate({ dir }), user, allowTasks: 'all' })
const { qrs, engine, tasks } = sense
const [app] = await qrs.apps.list()
const appId = app?.id ?? ''
const evaluate = () => engine.withApp(appId, (open) => open.evaluate('1', { timeoutMs: 100 }))
const failures: Readonly<Record<string, () => Promise<unknown>>> = {
  hang: () => qrs.tags.create({ name: 'x' }, { timeoutMs: 100 }),
  reset: () => qrs.streams.create({ name: 'x' }),
  truncate: () => qrs.users.list(),
  login: () => qrs.customProperties.list(),
  export: () => qrs.apps.export(appId, { to: new PassThrough().resume() }),
  start: () => tasks.start({ name: 'Reload' }),
  upgrade: evaluate,
  greeting: evaluate,
  close: evaluate,
  garbage: evaluate,
  notice: evaluate,
  silence: evaluate,
}
const codes: Record<string, unknown> = {}
for (const [name, fail] of Object.entries(failures))
  codes[name] = await fail().then(
    () => 'no failure',
    (error: { code?: unknown }) => error.code,
  )
const run = await tasks.follow({ name: 'Reload' })
const finished = run?.finished()
await Promise.all([sense.close(), finished?.catch(() => {})])
await new Promise((resolve) => setImmediate(resolve))
const left = process.getActiveResourcesInfo()
for (const name of before) left.splice(left.indexOf(name), 1)
process.stdout.write(JSON.stringify({ codes, isFollowed: run !== undefined, left }))
