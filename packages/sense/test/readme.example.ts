import { certificate, createSense, q } from '@butlerkit/sense'

const sense = createSense({
  host: 'sense1.lab',
  auth: certificate({ dir: '/etc/butler/cert' }), // client.pem, client_key.pem, root.pem
  user: 'INTERNAL\\sa_api',
  allowTasks: { tags: ['nightly'] }, // nothing else can be started through this client
})

const [app] = await sense.qrs.apps.list({ filter: q`name eq ${'Sales'} and stream.name eq ${'Everyone'}` })
console.log('last reload', app?.lastReloadTime)

const run = await sense.tasks.start({ name: 'Reload sales' })
for await (const step of run) console.log(step.status) // queued, started, success

const result = await run.finished({ signal: AbortSignal.timeout(3_600_000) })
if (result.status === 'failed') console.log(await run.scriptLog({ tail: 20 }))

await sense.close()
