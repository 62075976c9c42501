import { z } from 'zod'
import type { QrsClient } from './client.js'
import { optional, toDate } from './fields.js'
import type { QrsCallOptions } from './list-options.js'

/** One service on one node, as the repository knows it. */
export interface ServiceStatus {
  /** `undefined` for a kind that a newer Sense has added. */
  readonly service: 'repository' | 'proxy' | 'scheduler' | 'engine' | 'app-migration' | 'printing' | undefined
  readonly state: 'initializing' | 'certificates-not-installed' | 'running' | 'no-communication' | 'disabled' | 'unknown'
  /** The node's host name. */
  readonly node: string | undefined
  /** When the repository last looked. */
  readonly at: Date | undefined
}

// QRS 38.22.0, ServiceStatus.serviceType and serviceState: the place is the number.
const services = ['repository', 'proxy', 'scheduler', 'engine', 'app-migration', 'printing'] as const
const states = ['initializing', 'certificates-not-installed', 'running', 'no-communication', 'disabled', 'unknown'] as const

/** `GET /qrs/servicestatus/full`. */
export const serviceStatusWire = z.array(
  z.object({
    serviceType: z.number(),
    serviceState: z.number(),
    serverNodeConfiguration: optional(z.object({ hostName: optional(z.string()), name: optional(z.string()) })),
    timestamp: optional(z.string()),
  }),
)

/** Asks for all services of all nodes. */
export async function getServiceStatus(client: QrsClient, { signal }: QrsCallOptions = {}): Promise<ServiceStatus[]> {
  const rows = await client.json({ path: '/qrs/servicestatus/full', signal }, serviceStatusWire)
  return rows.map(({ serviceType, serviceState, serverNodeConfiguration, timestamp }) => ({
    service: services[serviceType],
    state: states[serviceState] ?? 'unknown',
    node: serverNodeConfiguration?.hostName || serverNodeConfiguration?.name || undefined,
    at: toDate(timestamp),
  }))
}
