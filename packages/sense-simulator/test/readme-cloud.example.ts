import { apiKey, createCloud } from '@butlerkit/sense/cloud'
import { simulateCloud } from '@butlerkit/sense-simulator'

const tenant = await simulateCloud({
  seed: { apps: [{ name: 'Sales', reloads: [['queued', '200ms', 'started', '500ms', 'failed']], scriptLog: ['Execution Failed'] }] },
})
const cloud = createCloud({ tenant: tenant.tenant, ca: tenant.ca, auth: apiKey(tenant.apiKey), allowApps: 'all' })

const run = await cloud.reloads.start(tenant.appId('Sales'))
const result = await run.finished()
console.log(result.status, await run.scriptLog()) // failed [ 'Execution Failed' ]

await cloud.close()
await tenant.close()
