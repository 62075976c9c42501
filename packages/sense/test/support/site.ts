import { createSense, certificate, type Sense, type SenseOptions } from '@butlerkit/sense'
import { simulateSense, type SimulatedSense, type SimulateSenseOptions } from '@butlerkit/sense-simulator'
import { createVirtualClock, type VirtualClock } from '@butlerkit/core/testing'
import { recordTo, type LogLine } from './record-log.js'
import { settleOn } from './settle.js'

/** A simulated site and a client of it, both on one virtual clock. */
export interface TestSite extends AsyncDisposable {
  readonly site: SimulatedSense
  readonly sense: Sense
  readonly clock: VirtualClock
  /** What the client logged. */
  readonly log: readonly LogLine[]
  /** Lets the time run until the promise settles. */
  settle<T>(promise: Promise<T>): Promise<T>
}

/** Opens a {@link TestSite}. The client may start every task unless told otherwise. */
export async function openSite(setup: SimulateSenseOptions, options: Partial<SenseOptions> = {}): Promise<TestSite> {
  let site: SimulatedSense | undefined
  const clock = createVirtualClock({ settle: () => site?.idle() ?? Promise.resolve() })
  site = await simulateSense({ clock, ...setup })
  const log: LogLine[] = []
  const sense = createSense({ ...connection(site), allowTasks: 'all', clock, logger: recordTo(log), ...options })
  return {
    site,
    sense,
    clock,
    log,
    settle: (promise) => settleOn(clock, promise),
    async [Symbol.asyncDispose]() {
      await sense.close()
      await site.close()
    },
  }
}

/** What a client needs to get into a site. */
export function connection(site: SimulatedSense): Pick<SenseOptions, 'host' | 'qrsPort' | 'enginePort' | 'auth' | 'user'> {
  return {
    host: site.host,
    qrsPort: site.port,
    enginePort: site.enginePort,
    auth: certificate(site.certificates),
    user: String.raw`INTERNAL\sa_api`,
  }
}
