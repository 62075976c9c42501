import { certificate, createSense } from '@butlerkit/sense'
import { simulateSense } from '@butlerkit/sense-simulator'

const site = await simulateSense({
  seed: {
    apps: [{ name: 'Sales', stream: 'Everyone' }],
    reloadTasks: [{ name: 'Reload Sales', app: 'Sales', tags: ['nightly'], runs: [['queued', '200ms', 'started', '500ms', 'failed']] }],
  },
})
const { host, port, certificates } = site
const auth = certificate(certificates)
const sense = createSense({ host, qrsPort: port, auth, user: 'INTERNAL\\sa_api', allowTasks: { tags: ['nightly'] } })

const run = await sense.tasks.start({ name: 'Reload Sales' })
const result = await run.finished()
console.log(result.status, site.requests.matching({ method: 'POST' }).length) // failed 1

await sense.close()
await site.close()
