import { silent, systemClock, type Clock, type Logger } from '@butlerkit/core'
import type { SenseAuth } from './auth/auth.js'
import { certificateIdentity, type Identity } from './auth/identity.js'
import { proxyIdentity } from './auth/proxy-identity.js'
import { websocketAddress } from './engine/websocket-address.js'
import { checkRange } from './check-range.js'
import { SenseError } from './errors.js'
import type { EngineAccess } from './engine/connection.js'
import { createEngine, type Apps, type Engine } from './engine/engine.js'
import { createHealth, type Health } from './health/health.js'
import { createAgent } from './http/agent.js'
import { originOf } from './http/origin.js'
import { getAbout, type About } from './qrs/about.js'
import { createApps, type QrsApps } from './qrs/apps.js'
import { createQrsClient, type QrsClient } from './qrs/client.js'
import { subscribeToChanges, type ChangeSubscription, type SubscribeOptions } from './qrs/changes.js'
import { createCustomProperties, type QrsCustomProperties } from './qrs/custom-properties.js'
import { createExecutionResults, type QrsExecutionResults } from './qrs/execution-results.js'
import { createExternalProgramTasks, type QrsExternalProgramTasks } from './qrs/external-program-tasks.js'
import { getLicence, type Licence } from './qrs/licence.js'
import type { QrsCallOptions } from './qrs/list-options.js'
import { createRawQrs, type RawQrs } from './qrs/raw.js'
import { createReloadTasks, type QrsReloadTasks } from './qrs/reload-tasks.js'
import { getServiceStatus, type ServiceStatus } from './qrs/service-status.js'
import { createStreams, type QrsStreams } from './qrs/streams.js'
import { createTags, type QrsTags } from './qrs/tags.js'
import { createTriggers, type QrsTriggers } from './qrs/triggers.js'
import { createUserSyncTasks, type QrsUserSyncTasks } from './qrs/user-sync-tasks.js'
import { createUsers, type QrsUsers } from './qrs/users.js'
import { createTaskPolicy, type TaskAllowList } from './tasks/policy.js'
import { createTasks, type Tasks } from './tasks/start.js'
import { createWakeUps } from './tasks/wake-ups.js'

/** Which site, as whom, and what is allowed. */
export interface SenseOptions {
  /** Name or IP address without scheme and port: of the central node, or of the proxy where `auth` goes through one. */
  readonly host: string
  /** Made by `certificate`, or, to go through a virtual proxy, by `jwt`, `header`, `session` or `ticket`. */
  readonly auth: SenseAuth
  /**
   * The Sense user to act as, `DIRECTORY\user`, whose rights apply: often `INTERNAL\sa_api`, which may do everything. Demanded with
   * `certificate`; everywhere else `auth` says who it is.
   */
  readonly user?: string
  /** Port of the repository service, with `certificate`, 1 to 65535. @defaultValue 4242 */
  readonly qrsPort?: number
  /** Port of the engine, with `certificate`, 1 to 65535. @defaultValue 4747 */
  readonly enginePort?: number
  /** Port of the proxy, where `auth` goes through one, 1 to 65535. @defaultValue 443 */
  readonly proxyPort?: number
  /** Port of the proxy's API, for tickets and user sessions, with a certificate, 1 to 65535. @defaultValue 4243 */
  readonly proxyApiPort?: number
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
export interface Qrs extends RawQrs {
  /**
   * Asks the repository service who it is: the cheapest request, so also the one for health checks.
   *
   * @throws {@link QrsError}
   */
  about(options?: QrsCallOptions): Promise<About>
  /** How the services of all nodes are, as the repository knows them. @throws {@link QrsError} */
  serviceStatus(options?: QrsCallOptions): Promise<ServiceStatus[]>
  /** The site's licence and its use. @throws {@link QrsError} */
  licence(options?: QrsCallOptions): Promise<Licence>
  /**
   * Has QRS tell of changes, by posting to a route of your own. Subscribed anew all the while, as a repository that restarts forgets.
   *
   * @throws {@link SenseError} `SENSE_OPTION`; {@link QrsError} when the first subscription fails
   */
  subscribe(options: SubscribeOptions): Promise<ChangeSubscription>
  readonly apps: QrsApps
  readonly reloadTasks: QrsReloadTasks
  readonly externalProgramTasks: QrsExternalProgramTasks
  readonly userSyncTasks: QrsUserSyncTasks
  readonly triggers: QrsTriggers
  readonly executionResults: QrsExecutionResults
  readonly streams: QrsStreams
  readonly tags: QrsTags
  readonly customProperties: QrsCustomProperties
  readonly users: QrsUsers
}

/** A Qlik Sense site. */
export interface Sense extends AsyncDisposable {
  readonly qrs: Qrs
  readonly tasks: Tasks
  readonly engine: Engine
  readonly apps: Apps
  readonly health: Health
  /** Ends what waits (`SENSE_CLOSED`), lets requests under way finish, and closes the connections. May be called twice. */
  close(): Promise<void>
}

const defaults = {
  qrsPort: 4242,
  enginePort: 4747,
  proxyPort: 443,
  proxyApiPort: 4243,
  allowTasks: {},
  timeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  maxConnections: 10,
} as const

/**
 * Makes a client for one client-managed Qlik Sense site. Connects with the first request.
 *
 * @throws {@link SenseError} `SENSE_OPTION` naming the option that cannot be used
 */
export function createSense(options: SenseOptions): Sense {
  const settings = { ...defaults, ...options }
  const { host, auth, allowTasks, timeoutMs, connectTimeoutMs, maxConnections } = settings
  const { servername, clock = systemClock, logger = silent } = options
  for (const name of ['qrsPort', 'enginePort', 'proxyPort', 'proxyApiPort'] as const) checkRange(name, settings[name], 65_535)
  for (const name of ['timeoutMs', 'connectTimeoutMs', 'maxConnections'] as const) checkRange(name, settings[name])
  const origin = originOf(host, auth.kind === 'certificate' ? settings.qrsPort : settings.proxyPort)
  const policy = createTaskPolicy(allowTasks)
  const wakeUps = createWakeUps()

  const closing = new AbortController()
  const closed = closing.signal
  const dispatcher = createAgent({ auth, servername, connectTimeoutMs, connections: maxConnections })
  const identity = identify()
  const client = clientAt(origin)
  const { engine, apps, closeAll } = createEngine(engineAccess(), closed)
  let closingAgent: Promise<unknown> | undefined
  const close = async () => {
    closing.abort(new SenseError('SENSE_CLOSED', 'the Sense client was closed'))
    await (closingAgent ??= Promise.all([closeAll(), dispatcher.close()]))
  }

  return {
    qrs: {
      ...createRawQrs(client, policy.allowsAll),
      about: (about) => getAbout(client, about),
      serviceStatus: (asked) => getServiceStatus(client, asked),
      licence: (asked) => getLicence(client, asked),
      subscribe: (asked) => subscribeToChanges(asked, { client, clock, logger, closed, wake: wakeUps.wake }),
      apps: createApps(client),
      reloadTasks: createReloadTasks(client),
      externalProgramTasks: createExternalProgramTasks(client),
      userSyncTasks: createUserSyncTasks(client),
      triggers: createTriggers(client),
      executionResults: createExecutionResults(client),
      streams: createStreams(client),
      tags: createTags(client),
      customProperties: createCustomProperties(client),
      users: createUsers(client),
    },
    tasks: createTasks({ client, policy, clock, logger, closed, wakeUps }),
    engine,
    apps,
    health: createHealth({ engineClient, proxyClient, clock, closed }),
    close,
    [Symbol.asyncDispose]: close,
  }

  function clientAt(at: string): QrsClient {
    return createQrsClient({ origin: at, dispatcher, identity, timeoutMs, clock, logger, closed })
  }

  function engineClient(node: string | undefined): QrsClient {
    if (auth.kind === 'certificate') return clientAt(originOf(node ?? host, settings.enginePort))
    if (node === undefined) return client
    throw new SenseError('SENSE_OPTION', 'a node can only be named with a certificate: a proxy chooses the engine itself')
  }

  function proxyClient(node: string | undefined): QrsClient {
    if (auth.kind === 'certificate') return clientAt(originOf(node ?? host, settings.proxyApiPort))
    throw new SenseError('SENSE_OPTION', "the proxy's API wants a certificate")
  }

  function engineAccess(): EngineAccess {
    const at = auth.kind === 'certificate' ? originOf(host, settings.enginePort) : origin + identity.prefix
    const base = at.replace(/^https/, 'wss')
    const shared = { secureContext: auth.secureContext, servername, connectTimeoutMs: timeoutMs, clock, logger }
    if (auth.kind === 'certificate')
      return { ...shared, address: async (path) => ({ url: `${base}/${path}`, headers: await identity.headers() }) }
    return { ...shared, address: websocketAddress(identity, base, auth.origin ?? origin) }
  }

  function identify(): Identity {
    if (auth.kind !== 'certificate') {
      const site = { host, proxyApiPort: settings.proxyApiPort, timeoutMs, connectTimeoutMs }
      return proxyIdentity({ auth, site, origin, dispatcher, clock })
    }
    if (options.user === undefined) throw new SenseError('SENSE_OPTION', 'user is needed with a certificate')
    return certificateIdentity(options.user)
  }
}
