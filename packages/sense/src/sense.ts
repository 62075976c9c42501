import { silent, systemClock, type Clock, type Logger } from '@butlerkit/core'
import type { SenseAuth } from './auth/certificate.js'
import { SenseError } from './errors.js'
import { getAbout, type About } from './qrs/about.js'
import { createApps, type QrsApps } from './qrs/apps.js'
import { createQrsClient } from './qrs/client.js'
import { createPool } from './qrs/pool.js'
import { createReloadTasks, type QrsReloadTasks } from './qrs/reload-tasks.js'
import { createTaskPolicy, type TaskAllowList } from './tasks/policy.js'
import { createTasks, type Tasks } from './tasks/start.js'
import { toUserHeader } from './user.js'

/** Which site, as whom, and what is allowed. */
export interface SenseOptions {
  /** Name or IP address of the node with the repository service, without scheme and port. */
  readonly host: string
  /** Made by `certificate`. */
  readonly auth: SenseAuth
  /** The Sense user to act as, `DIRECTORY\user`, whose rights apply: often `INTERNAL\sa_api`, which may do everything. */
  readonly user: string
  /** Port of the repository service, 1 to 65535. @defaultValue 4242 */
  readonly qrsPort?: number
  /** Tasks that may be started, whoever asks. @defaultValue none */
  readonly allowTasks?: TaskAllowList | 'all'
  /** Longest wait for one whole answer, in milliseconds, 1 to 2_147_483_647. A site that wakes up takes up to 21 s. @defaultValue 30_000 */
  readonly timeoutMs?: number
  /** Longest wait for a connection, in milliseconds, 1 to 2_147_483_647. @defaultValue 10_000 */
  readonly connectTimeoutMs?: number
  /** Name that the server's certificate carries, where `host` is an alias. @defaultValue `host` */
  readonly servername?: string
  /** Most connections at once; further requests wait. At least 1. @defaultValue 10 */
  readonly maxConnections?: number
  /** Time for timeouts, polls and back-off; connecting has the machine's own. @defaultValue systemClock */
  readonly clock?: Clock
  /** @defaultValue silent */
  readonly logger?: Logger
}

/** The repository service. */
export interface Qrs {
  /**
   * Asks the repository service who it is: the cheapest request, so also the one for health checks.
   *
   * @throws {@link QrsError}
   */
  about(options?: { readonly signal?: AbortSignal | undefined }): Promise<About>
  readonly apps: QrsApps
  readonly reloadTasks: QrsReloadTasks
}

/** A Qlik Sense site. */
export interface Sense extends AsyncDisposable {
  readonly qrs: Qrs
  readonly tasks: Tasks
  /** Ends what waits (`SENSE_CLOSED`), lets requests under way finish, and closes the connections. May be called twice. */
  close(): Promise<void>
}

const defaults = { qrsPort: 4242, allowTasks: {}, timeoutMs: 30_000, connectTimeoutMs: 10_000, maxConnections: 10 } as const

/**
 * Makes a client for one client-managed Qlik Sense site. Connects with the first request.
 *
 * @throws {@link SenseError} `SENSE_OPTION` naming the option that cannot be used
 */
export function createSense(options: SenseOptions): Sense {
  const { host, auth, user, qrsPort, allowTasks, timeoutMs, connectTimeoutMs, maxConnections } = { ...defaults, ...options }
  const { servername, clock = systemClock, logger = silent } = options
  checkRange('qrsPort', qrsPort, 65_535)
  checkRange('timeoutMs', timeoutMs)
  checkRange('connectTimeoutMs', connectTimeoutMs)
  checkRange('maxConnections', maxConnections)
  const origin = originOf(host, qrsPort)
  const userHeader = toUserHeader(user)
  const policy = createTaskPolicy(allowTasks)

  const closing = new AbortController()
  const pool = createPool({ origin, auth, servername, connectTimeoutMs, connections: maxConnections })
  const closed = closing.signal
  const client = createQrsClient({ origin, dispatcher: pool, userHeader, timeoutMs, clock, logger, closed })
  let closingPool: Promise<void> | undefined
  const close = async () => {
    closing.abort(new SenseError('SENSE_CLOSED', 'the Sense client was closed'))
    await (closingPool ??= pool.close())
  }

  return {
    qrs: {
      about: (about) => getAbout(client, about),
      apps: createApps(client),
      reloadTasks: createReloadTasks(client),
    },
    tasks: createTasks({ client, policy, clock, logger, closed }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function checkRange(name: string, value: number, max = 2_147_483_647): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return
  throw new SenseError('SENSE_OPTION', `${name} must be a whole number from 1 to ${max}, got ${value}`)
}

function originOf(host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host
  const address = `https://${name}:${port}`
  // What URL reads differently (a scheme, a path, a user) is not a host's name.
  if (!URL.canParse(address) || new URL(address).hostname !== name.toLowerCase())
    throw new SenseError('SENSE_OPTION', 'host must be a name or an IP address only')
  return new URL(address).origin
}
