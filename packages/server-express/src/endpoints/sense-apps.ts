import { z } from 'zod'
import { endpoint } from '../endpoint.js'

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
