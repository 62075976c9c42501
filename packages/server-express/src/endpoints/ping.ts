import { z } from 'zod'
import { endpoint } from '../endpoint.js'

/** Tells that the API answers and the key fits. */
export const ping = endpoint({
  method: 'GET',
  path: '/butlerPing',
  summary: 'Tells that the Butler answers',
  access: 'key',
  needs: [],
  query: z.strictObject({}),
  reply: z.object({ response: z.literal('Butler reporting for duty') }),
  handler: () => ({ response: 'Butler reporting for duty' as const }),
})
