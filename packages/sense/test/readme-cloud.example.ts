import { createCloud, oauth } from '@butlerkit/sense/cloud'

const { QLIK_CLIENT_ID: clientId = '', QLIK_CLIENT_SECRET: clientSecret = '' } = process.env
const cloud = createCloud({
  tenant: 'https://acme.eu.qlikcloud.com',
  auth: oauth({ clientId, clientSecret }),
  allowApps: { spaceIds: ['64db65d5970c28d340790f5c'] }, // nothing else can be reloaded through this client
})
const [app] = await cloud.apps.list({ name: 'Sales' })
if (app === undefined) throw new Error('no such app')
const run = await cloud.reloads.start(app.id)
for await (const step of run) console.log(step.status) // queued, started, success
const result = await run.finished()
if (result.status === 'failed') console.log((await run.scriptLog({ tail: 20 }))?.join('\n'))
await cloud.close()
