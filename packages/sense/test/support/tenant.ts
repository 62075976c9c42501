import { apiKey, createCloud, type Cloud, type CloudOptions } from '@butlerkit/sense/cloud'
import { simulateCloud, type SimulateCloudOptions, type SimulatedCloud } from '@butlerkit/sense-simulator'
import { createVirtualClock, type VirtualClock } from '@butlerkit/core/testing'
import { recordTo, type LogLine } from './record-log.js'
import { settleOn } from './settle.js'

/** A simulated tenant and a client of it, both on one virtual clock. */
export interface TestTenant extends AsyncDisposable {
  readonly tenant: SimulatedCloud
  readonly cloud: Cloud
  readonly clock: VirtualClock
  /** What the client logged. */
  readonly log: readonly LogLine[]
  /** Lets the time run until the promise settles. */
  settle<T>(promise: Promise<T>): Promise<T>
}

/** Opens a {@link TestTenant}. The client has the API key and may reload every app unless told otherwise. */
export async function openTenant(
  setup: SimulateCloudOptions = {},
  options: (tenant: SimulatedCloud) => Partial<CloudOptions> = () => ({}),
): Promise<TestTenant> {
  let tenant: SimulatedCloud | undefined
  const clock = createVirtualClock({ settle: () => tenant?.idle() ?? Promise.resolve() })
  tenant = await simulateCloud({ clock, ...setup })
  const log: LogLine[] = []
  const cloud = createCloud({
    tenant: tenant.tenant,
    ca: tenant.ca,
    auth: apiKey(tenant.apiKey),
    allowApps: 'all',
    clock,
    logger: recordTo(log),
    ...options(tenant),
  })
  return {
    tenant,
    cloud,
    clock,
    log,
    settle: (promise) => settleOn(clock, promise),
    async [Symbol.asyncDispose]() {
      await cloud.close()
      await tenant.close()
    },
  }
}
