import type { Clock } from '../clock.js'
import { ButlerError } from '../errors.js'
import type { Logger } from '../logger.js'
import { isGroupName } from '../router/route-options.js'
import type { Store } from '../store/store.js'
import type { Transport } from '../transport/transport.js'
import type { StatusTopic } from './status.js'

/** What a butler is made of. */
export interface ButlerOptions<Services extends object> {
  /** Names it in logs, on its status topic and in its store. */
  readonly name: string
  /** What handlers find in `ctx`. They stay the caller's to close. @defaultValue none */
  readonly services?: Services
  /** Where messages come from and go to; their names are unique. */
  readonly transports: readonly Transport[]
  /** Shares the messages of every route among all butlers of this group, unless the route names another. @defaultValue none */
  readonly group?: string
  /** Where the butler says that it is online, draining or offline, retained. @defaultValue nowhere */
  readonly status?: StatusTopic
  /** Keeps deduplication keys and parked retries. @defaultValue `memoryStore()` */
  readonly store?: Store
  /** @defaultValue silent */
  readonly logger?: Logger
  /** Longest wait in `stop` for what is in work, in milliseconds, 0 to 2_147_483_647. @defaultValue 4_000 */
  readonly drainTimeoutMs?: number
  /** Stops on SIGINT and SIGTERM. Never ends the process: it ends by itself once nothing is left to do. @defaultValue false */
  readonly signals?: boolean
  /** @defaultValue systemClock */
  readonly clock?: Clock
}

/** @throws ButlerError `BUTLER_OPTIONS` naming the option */
export function checkButlerOptions({ name, transports, group, drainTimeoutMs = 0 }: ButlerOptions<object>): void {
  if (!name) fail('name: a butler needs one')
  const names = transports.map((transport) => transport.name)
  const twice = names.find((each, index) => names.indexOf(each) !== index)
  if (twice !== undefined) fail(`transports: two are named "${twice}"`)
  if (group !== undefined && !isGroupName(group)) fail(`group: ${JSON.stringify(group)} must be a name without /, + and #`)
  if (!(drainTimeoutMs >= 0 && drainTimeoutMs <= 2_147_483_647)) fail(`drainTimeoutMs: must be 0 to 2147483647, not ${drainTimeoutMs}`)
}

function fail(reason: string): never {
  throw new ButlerError('BUTLER_OPTIONS', reason)
}
