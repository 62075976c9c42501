import { z } from 'zod'
import { endpoint } from '../endpoint.js'

/**
 * Asks the repository service for its version: 200 says that Sense is reachable and takes our certificate. The first Butler echoed the
 * empty query and kept the result for its log.
 */
export const pingRepository = endpoint({
  method: 'GET',
  path: '/senseQRSPing',
  summary: 'Tells that the Sense repository service answers, and its version',
  access: 'key',
  needs: ['sense'],
  query: z.strictObject({}),
  reply: z.object({ buildVersion: z.string() }),
  handler: ({ services, signal }) => services.sense.qrs.about({ signal }),
})
