import { certificate, createSense } from '@butlerkit/sense'

const sense = createSense({
  host: 'sense1.lab',
  auth: certificate({ dir: '/etc/butler/cert' }), // client.pem, client_key.pem, root.pem
  user: 'INTERNAL\\sa_api',
  allowTasks: { tags: ['nightly'] }, // nothing else can be started through this client
})
const run = await sense.tasks.start({ name: 'Reload sales' })
for await (const step of run) console.log(step.status) // queued, started, success
const result = await run.finished({ timeoutMs: 3_600_000, onTimeout: 'abort' })
console.log(result.status, result.durationMs)
console.log((await run.scriptLog({ tail: 20 }))?.join('\n'))
await sense.close()
