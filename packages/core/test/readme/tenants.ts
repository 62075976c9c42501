import type { Butler } from '@butlerkit/core'
import { tasks, type Scheduler } from './tasks.js'

export async function serveTenant(butler: Butler<{ scheduler: Scheduler }>, tenant: string, gone: Promise<void>): Promise<void> {
  const attached = await butler.attach(`tenant/${tenant}`, tasks) // subscribed; had the broker refused, nothing would have changed
  await gone
  await attached.detach() // unsubscribed; what its routes have in work is finished
}
