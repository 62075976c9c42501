import { z } from 'zod'
import { endpoint } from '../endpoint.js'

/** Liveness: the process serves. Says nothing about what it is connected to, so that nobody restarts a butler whose broker is away. */
export const live = endpoint({
  method: 'GET',
  path: '/livez',
  summary: 'Tells that the process serves',
  access: 'open',
  needs: [],
  query: z.strictObject({}),
  reply: z.object({ status: z.literal('alive') }),
  handler: () => ({ status: 'alive' as const }),
})

/** Readiness: every part does its work. Names parts and states only; why a part is down is in `butler.health()` and the log. */
export const ready = endpoint({
  method: 'GET',
  path: '/readyz',
  summary: 'Tells whether every part of the Butler does its work: 200, else 503',
  access: 'open',
  needs: ['butler'],
  query: z.strictObject({}),
  reply: z.object({
    status: z.enum(['ready', 'not ready']),
    components: z.record(z.string(), z.object({ state: z.string(), ready: z.boolean() })),
  }),
  handler: ({ services }) => {
    const health = services.butler.health()
    return { status: health.ready ? 'ready' : 'not ready', components: { ...health.components } }
  },
  status: ({ status }) => (status === 'ready' ? 200 : 503),
})
