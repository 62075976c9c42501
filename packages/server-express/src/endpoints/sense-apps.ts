import { z } from 'zod'
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

const parts = z.array(z.unknown()).readonly()

/** Reads all of an app but its data. The first Butler's load scripts say `guid`, its documents `appId`. */
export const dumpApp = endpoint({
  method: 'GET',
  path: '/senseAppDump',
  summary: 'Dumps an app: script, sheets, objects, dimensions, measures and so on, without its data',
  access: 'key',
  needs: ['sense'],
  query: z.preprocess(oldName('guid', 'appId'), z.strictObject({ appId: z.guid('must be a GUID') })),
  reply: z.object({
    appId: z.string(),
    properties: z.unknown(),
    loadScript: z.string(),
    sheets: parts,
    stories: parts,
    masterobjects: parts,
    appprops: parts,
    dimensions: parts,
    measures: parts,
    bookmarks: parts,
    embeddedmedia: parts,
    snapshots: parts,
    fields: parts,
    dataconnections: parts,
    variables: parts,
    lineage: parts,
  }),
  handler: ({ query, services, signal }) => services.sense.apps.dump(query.appId, { signal }),
})
