import { z } from 'zod'
import { appDump } from '../app-dump.js'
import { endpoint } from '../endpoint.js'
import { oldName } from '../query.js'

/** Lists the apps the Sense user may see. */
export const listApps = endpoint({
  method: 'GET',
  path: '/senseListApps',
  summary: 'Lists the apps of the Sense site',
  access: 'key',
  needs: ['sense'],
  query: z.strictObject({}),
  reply: z.array(z.object({ id: z.string(), name: z.string() })),
  handler: async ({ services, signal }) => [...(await services.sense.qrs.apps.list({ signal }))],
})

/** Reads all of an app but its data. The first Butler's load scripts say `guid`, its documents `appId`. */
export const dumpApp = endpoint({
  method: 'GET',
  path: '/senseAppDump',
  summary: 'Dumps an app: script, sheets, objects, dimensions, measures and so on, without its data',
  access: 'key',
  needs: ['sense'],
  query: z.preprocess(oldName('guid', 'appId'), z.strictObject({ appId: z.guid('must be a GUID') })),
  reply: appDump,
  handler: ({ query, services, signal }) => services.sense.apps.dump(query.appId, { signal }),
})
