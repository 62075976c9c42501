import { createButler, createRouter, topic, type Transport } from '@butlerkit/core'
import { z } from 'zod'

export const fileArrived = topic('files/+customer/arrived', { payload: z.object({ path: z.string() }) })

/** One of several processes that share the work. */
export function createMember(name: string, transport: Transport, load: (path: string) => Promise<void>) {
  const router = createRouter().on(fileArrived, ({ payload }) => load(payload.path), {
    key: ({ params }) => params.customer, // in order for each customer, within one process
    retry: { attempts: 3 },
    deadLetter: true,
  })
  return createButler({ name, group: 'loaders', transports: [transport] }).mount(router)
}
