import type { WireReloadTask } from '@butlerkit/sense'
import { silent, systemClock, type Clock, type Logger } from '@butlerkit/core'
import { createActivity } from './activity.js'
import { toTaskDatagram, toUserDatagram, type UserEvent } from './appender/datagrams.js'
import { createLogAppender, type UdpTarget } from './appender/log-appender.js'
import { createAppShelf } from './engine/app-shelf.js'
import { createEngine } from './engine/engine.js'
import { createEngineDoor } from './engine/engine-door.js'
import { SimulatorError } from './errors.js'
import { createFaults, type AnswerFault, type Faults } from './faults.js'
import { createGuidSource } from './guid.js'
import { withUpgradeFaults } from './http/disturb-upgrade.js'
import { createFront } from './http/front.js'
import { text, type Service } from './http/answer.js'
import { openHttpsListener, type HttpsListener, type Upgrade } from './http/https-listener.js'
import { createGate, createIdentify } from './qrs/gate.js'
import { createAppFiles } from './qrs/app-files.js'
import { createEditor } from './qrs/editor.js'
import { createNotifications } from './qrs/notifications.js'
import { createTemporaryContent } from './qrs/temporary-content.js'
import { createRepository } from './qrs/repository.js'
import { siteRoutes } from './qrs/site-routes.js'
import { toView } from './qrs/views.js'
import { createRandom } from './random.js'
import { createRequestJournal, type RequestJournal } from './request-journal.js'
import { createScheduler, type Lag, type TaskScript } from './scheduler/scheduler.js'
import { createTriggers } from './scheduler/triggers.js'
import { createSiteCertificates, type ShownCertificate, type SiteCertificates } from './site-certificates.js'
import { parseSite } from './site-schema.js'
import type { SiteSeed } from './site-seed.js'
import { createStore } from './store/create-store.js'
import { allTasks, type ReloadTaskRecord, type Store } from './store/records.js'

/** How a site is set up. */
export interface SimulateSenseOptions {
  /** What is on the site. @defaultValue the two streams every site has, and nothing else */
  readonly seed?: SiteSeed
  /** Address to listen on. @defaultValue '127.0.0.1' */
  readonly host?: string
  /** Port of the repository service; 0 takes a free one. @defaultValue 0 */
  readonly port?: number
  /** Port of the engine; 0 takes a free one. @defaultValue 0 */
  readonly enginePort?: number
  /** Further names the server's certificate is good for, beside `host`, `localhost` and the node's name. @defaultValue none */
  readonly hostNames?: readonly string[]
  /** Where the time comes from. @defaultValue core's `systemClock` */
  readonly clock?: Clock
  /** Where the services' log appenders send to, over UDP. @defaultValue nowhere */
  readonly logAppender?: {
    /** The scheduler's: tasks that failed, were aborted, succeeded. */
    readonly tasks?: UdpTarget
    /** The proxy's: users' sessions. */
    readonly users?: UdpTarget
  }
  /** How far the repository is behind the scheduler. @defaultValue not at all */
  readonly lag?: Lag
  /** Ids are the same in every run with the same number. @defaultValue 1 */
  readonly seedNumber?: number
  /** @defaultValue core's `silent` */
  readonly logger?: Logger
}

/** What the proxy writes of a user's session. */
export interface SessionOptions {
  /** What the user came for. @defaultValue 'Hub' */
  readonly origin?: string
  /** Path asked for. @defaultValue '/hub/' */
  readonly context?: string
  /** @defaultValue 'Mozilla/5.0' */
  readonly userAgent?: string
}

/** A running site. Dispose it, or call `close`. */
export interface SimulatedSense extends AsyncDisposable {
  readonly host: string
  /** Port of the repository service. */
  readonly port: number
  /** Port of the engine: `wss://<host>:<enginePort>/app/<id>`, and its health check over HTTPS. */
  readonly enginePort: number
  /** `https://<host>:<port>/qrs`. */
  readonly url: string
  readonly certificates: SiteCertificates
  /** What has been asked of the site. */
  readonly requests: RequestJournal
  /** All reload tasks as they are now, in the wire's full form and the seed's order. */
  tasks(): readonly WireReloadTask[]
  /**
   * A reload task as it is now, in the wire's full form.
   *
   * @throws {@link SimulatorError} `SITE_UNKNOWN` when no task, or more than one, has this name or id
   */
  task(nameOrId: string): WireReloadTask
  /**
   * Starts a task as the scheduler does when its time has come.
   *
   * @returns the execution session's id, or the empty GUID when the task is disabled or runs already
   * @throws {@link SimulatorError} `SITE_UNKNOWN`
   */
  startTask(nameOrId: string): string
  /**
   * Stops a task's run as the management console does: it takes a second or two of the clock.
   *
   * @throws {@link SimulatorError} `SITE_UNKNOWN`
   */
  stopTask(nameOrId: string): void
  /** A user's session begins: sends the proxy's datagram. @param user - `DIRECTORY\id` */
  openSession(user: string, options?: SessionOptions): void
  /** A user's session ends: sends the proxy's datagram. @param user - `DIRECTORY\id` */
  closeSession(user: string, options?: SessionOptions): void
  /**
   * Starts the repository anew: everyone who wanted to be told of changes is forgotten, and for `downMs` it answers 503.
   *
   * @param downMs - milliseconds of the site's clock. @defaultValue 0
   */
  restart(downMs?: number): void
  /** What is to go wrong, as data. */
  readonly faults: Faults
  /** The simplest fault: answers the next requests that fit as told, without anything being done. */
  failNext(fault: AnswerFault): void
  /** Changes what the servers show at the next handshakes. */
  showCertificate(shown: ShownCertificate): Promise<void>
  /**
   * Resolves once nothing is under way: no request, no handshake, no datagram. Made for a virtual clock (`settle: () => site.idle()`) with
   * the client in the same process, speaking to {@link SimulatedSense.host} by its address.
   */
  idle(): Promise<void>
  /** Finishes what is under way, then closes the port. Runs stay where they are. May be called twice. */
  close(): Promise<void>
}

/**
 * Starts a Qlik Sense site: the repository service over HTTPS with mutual TLS, a scheduler that runs tasks as scripted, and the log
 * appenders. Certificates are made on the spot.
 *
 * @throws `SchemaError` `SCHEMA_MISMATCH` naming everything wrong with the seed
 * @throws {@link SimulatorError} `SITE_NOT_LISTENING` when the port cannot be opened
 */
export async function simulateSense(options: SimulateSenseOptions = {}): Promise<SimulatedSense> {
  const { host = '127.0.0.1', clock = systemClock, lag = {}, logAppender = {}, logger = silent } = options
  const seed = parseSite(options.seed ?? {})
  const { nodeName = 'node1' } = seed
  const guid = createGuidSource(options.seedNumber ?? 1)
  const nodeId = guid()
  const store = createStore(seed, { guid, now: () => clock.now() })
  const tasks = createLogAppender(logAppender.tasks, logger)
  const users = createLogAppender(logAppender.users, logger)
  const scheduler = createScheduler({
    store,
    clock,
    guid,
    nodeId,
    nodeName,
    lag,
    scripts: scriptsOf(seed, store),
    maxConcurrentReloads: seed.maxConcurrentReloads,
    onEvent: (event) => tasks.send(toTaskDatagram(event, { host: nodeName, timeMs: clock.now() })),
  })

  const shelf = createAppShelf(store.apps)
  for (const [index, id] of [...store.apps.keys()].entries()) shelf.put(id, seed.apps?.[index]?.content)

  const faults = createFaults(createRandom(options.seedNumber ?? 1))
  const { journal, record } = createRequestJournal()
  const now = () => clock.now()
  const activity = createActivity()
  const triggers = createTriggers({ store, clock, scheduler })
  const editor = createEditor({ store, scheduler, triggers, guid, now })
  const temporary = createTemporaryContent(guid)
  const notifications = createNotifications({ changes: store.changes, clock, guid, nodeId, nodeName, activity, faults, logger })
  const files = createAppFiles(shelf)
  const routes = siteRoutes({ store, shelf, files, temporary, editor, scheduler, notifications, nodeId, guid, now })
  const identify = createIdentify(store.users)
  const repository = createRepository({ routes, gate: createGate(identify), temporary, logger })
  const hostNames = new Set([nodeName, host, 'localhost', ...(options.hostNames ?? [])])
  const { client: certificates, show } = await createSiteCertificates([...hostNames])
  const world = { clock, guid, nodeName, findApp: shelf.find, apps: shelf.all }
  const engine = createEngine({ world, activity, faults, logger })
  const door = createEngineDoor({ engine, identify })
  const tls = await show('valid')
  let downUntilMs = 0
  const service: Service = (request) => (clock.now() < downUntilMs ? text(503, 'Service Unavailable') : repository(request))
  const listeners: HttpsListener[] = []
  const listen = async (answering: Service, wanted: number, upgrade?: Upgrade): Promise<number> => {
    const request = createFront({ service: answering, faults, record, activity, clock })
    const upgrading = upgrade ? { upgrade: withUpgradeFaults(upgrade, faults, clock) } : {}
    const listener = await openHttpsListener({ host, port: wanted, tls, activity, logger, request, ...upgrading })
    listeners.push(listener)
    return listener.port
  }
  const openAll = async () => ({
    port: await listen(service, options.port ?? 0),
    enginePort: await listen(door.service, options.enginePort ?? 0, door.upgrade),
  })
  const ports = await openAll().catch(async (error: unknown) => {
    await closeAll()
    throw error
  })

  let closing: Promise<void> | undefined
  const close = () => (closing ??= closeAll())

  return {
    host,
    ...ports,
    url: `https://${host.includes(':') ? `[${host}]` : host}:${ports.port}/qrs`,
    certificates,
    requests: journal,
    tasks: () => [...store.reloadTasks.values()].map(toWireTask),
    task: (nameOrId) => toWireTask(findTask(nameOrId)),
    startTask: (nameOrId) => scheduler.start(findTask(nameOrId)),
    stopTask: (nameOrId) => scheduler.stop(findTask(nameOrId)),
    openSession: (user, session) => tellUser('Start session', user, session),
    closeSession: (user, session) => tellUser('Stop session', user, session),
    restart(downMs = 0) {
      notifications.clear()
      downUntilMs = clock.now() + downMs
    },
    faults,
    failNext: (fault) => faults.add({ kind: 'answer', ...fault }),
    async showCertificate(shown) {
      const next = await show(shown)
      for (const each of listeners) each.useCertificate(next)
    },
    async idle() {
      await Promise.all([tasks.flushed(), users.flushed()])
      await activity.idle()
    },
    close,
    [Symbol.asyncDispose]: close,
  }

  function findTask(nameOrId: string): ReloadTaskRecord {
    const byId = store.reloadTasks.get(nameOrId.toLowerCase())
    const [task, ...others] = byId ? [byId] : [...store.reloadTasks.values()].filter(({ name }) => name === nameOrId)
    if (task === undefined) throw new SimulatorError('SITE_UNKNOWN', `no task '${nameOrId}'`)
    if (others.length > 0) throw new SimulatorError('SITE_UNKNOWN', `${others.length + 1} tasks are called '${nameOrId}'; give the id`)
    return task
  }

  function tellUser(command: UserEvent['command'], user: string, session: SessionOptions = {}): void {
    const [directory = '', userId = ''] = user.split('\\', 2)
    const { origin = 'Hub', context = '/hub/', userAgent = 'Mozilla/5.0' } = session
    users.send(toUserDatagram({ command, directory, userId, origin, context, userAgent }, nodeName))
  }

  async function closeAll(): Promise<void> {
    triggers.close()
    scheduler.close()
    notifications.close()
    engine.close()
    await Promise.all([...listeners.map((listener) => listener.close()), tasks.close(), users.close()])
  }
}

// The store keeps the seed's order.
function scriptsOf({ reloadTasks = [], externalProgramTasks = [] }: SiteSeed, store: Store): Map<string, TaskScript> {
  const seeds = [...reloadTasks, ...externalProgramTasks]
  return new Map(allTasks(store).map(({ id }, index) => [id, seeds[index] ?? {}]))
}

function toWireTask(task: ReloadTaskRecord): WireReloadTask {
  return toView('ReloadTask', 'full', task) as WireReloadTask
}
