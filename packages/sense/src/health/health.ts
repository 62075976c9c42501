import type { Clock } from '@butlerkit/core'
import { SenseError } from '../errors.js'
import type { QrsClient } from '../qrs/client.js'
import { getEngineHealth, type EngineHealth } from './engine-health.js'
import { getUserSessions, type UserSession, type UserSessionsOptions } from './user-sessions.js'
import { watchHealth, type HealthSample, type WatchHealthOptions } from './watch.js'

/** Which node. */
export interface NodeOptions {
  readonly signal?: AbortSignal | undefined
  /** Name or IP address of a node; only with a certificate, as a proxy chooses the engine itself. @defaultValue the client's host */
  readonly node?: string | undefined
}

/** How a site is. */
export interface Health {
  /** How an engine is. @throws {@link QrsError} with `request` naming the health check */
  engine(options?: NodeOptions): Promise<EngineHealth>
  /** Who is logged in through a node's proxy; needs a certificate. @throws {@link QrsError}, {@link SenseError} `SENSE_OPTION` */
  userSessions(options?: UserSessionsOptions & NodeOptions): Promise<UserSession[]>
  /**
   * Looks at engines now and again, and gives a sample each time, of all nodes in one stream, until the signal aborts or the loop is left.
   * A node that cannot be asked is a sample too.
   *
   * @throws {@link SenseError} `SENSE_OPTION`, `SENSE_CLOSED`
   */
  watch(options?: WatchHealthOptions): AsyncIterable<HealthSample>
}

/** What asking needs. */
export interface HealthOptions {
  /** The client for a node's engine; `undefined` for the site's own. */
  engineClient(node: string | undefined): QrsClient
  /** The client for a node's proxy API. */
  proxyClient(node: string | undefined): QrsClient
  readonly clock: Clock
  readonly closed: AbortSignal
}

/** Asks engines and proxies. */
export function createHealth({ engineClient, proxyClient, clock, closed }: HealthOptions): Health {
  const engine: Health['engine'] = async ({ node, signal } = {}) => getEngineHealth(engineClient(node), signal)
  return {
    engine,
    userSessions: async ({ node, ...options } = {}) => getUserSessions(proxyClient(node), options),
    watch(options = {}) {
      const { everyMs = 30_000, jitter = 0.1 } = options
      if (!(everyMs >= 1 && everyMs <= 2_147_483_647)) throw new SenseError('SENSE_OPTION', 'everyMs must be from 1 to 2147483647')
      if (!(jitter >= 0 && jitter < 1)) throw new SenseError('SENSE_OPTION', 'jitter must be from 0 to below 1')
      return watchHealth({ ...options, everyMs, jitter }, { ask: engine, clock, closed })
    },
  }
}
