import { createSense, certificate, type Sense, type SenseOptions } from '@butlerkit/sense'
import { simulateSense, type SimulatedSense, type SimulateSenseOptions } from '@butlerkit/sense-simulator'
import type { LogFields, Logger } from '@butlerkit/core'
import { createVirtualClock, type VirtualClock } from '@butlerkit/core/testing'

/** A simulated site and a client of it, both on one virtual clock. */
export interface TestSite extends AsyncDisposable {
  readonly site: SimulatedSense
  readonly sense: Sense
  readonly clock: VirtualClock
  /** What the client logged, as `level message`, with its fields. */
  readonly log: readonly { readonly line: string; readonly fields: LogFields | undefined }[]
  /** Lets the time run until the promise settles. */
  settle<T>(promise: Promise<T>): Promise<T>
}

/** Opens a {@link TestSite}. The client may start every task unless told otherwise. */
export async function openSite(setup: SimulateSenseOptions, options: Partial<SenseOptions> = {}): Promise<TestSite> {
  let site: SimulatedSense | undefined
  const clock = createVirtualClock({ settle: () => site?.idle() ?? Promise.resolve() })
  site = await simulateSense({ clock, ...setup })
  const log: { line: string; fields: LogFields | undefined }[] = []
  const sense = createSense({ ...connection(site), allowTasks: 'all', clock, logger: recordTo(log), ...options })
  return {
    site,
    sense,
    clock,
    log,
    async settle(promise) {
      const settled = promise.then(
        () => true,
        () => true,
      )
      for (let seconds = 0; seconds < 3_600; seconds++) {
        if (await Promise.race([settled, Promise.resolve(false)])) break
        await clock.advance(1_000)
      }
      return promise
    },
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

function recordTo(log: { line: string; fields: LogFields | undefined }[]): Logger {
  const at = (level: string) => (message: string, fields?: LogFields) => void log.push({ line: `${level} ${message}`, fields })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
