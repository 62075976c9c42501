import type { WireReloadTask } from '@butlerkit/sense'
import { silent, systemClock, type Clock, type Logger } from '@butlerkit/core'
import { createActivity } from './activity.js'
import { toTaskDatagram, toUserDatagram, type UserEvent } from './appender/datagrams.js'
import { createLogAppender, type UdpTarget } from './appender/log-appender.js'
import { createAppShelf } from './engine/app-shelf.js'
import { createEngine } from './engine/engine.js'
import { createEngineDoor } from './engine/engine-door.js'
import { SimulatorError } from './errors.js'
import { createFaults, type Fault } from './faults.js'
import { createGuidSource } from './guid.js'
import { createFront } from './http/front.js'
import { text, type Service } from './http/answer.js'
import { openHttpsListener, type Upgrade } from './http/https-listener.js'
import { createGate, createIdentify } from './qrs/gate.js'
import { createAppFiles } from './qrs/app-files.js'
import { createEditor } from './qrs/editor.js'
import { createNotifications } from './qrs/notifications.js'
import { createTemporaryContent } from './qrs/temporary-content.js'
import { createRepository } from './qrs/repository.js'
import { siteRoutes } from './qrs/site-routes.js'
import { toView } from './qrs/views.js'
import { createRequestJournal, type RequestJournal } from './request-journal.js'
import { createScheduler, type Lag, type TaskScript } from './scheduler/scheduler.js'
import { createTriggers } from './scheduler/triggers.js'
import { createSiteCertificates, type SiteCertificates } from './site-certificates.js'
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
  /** Sends the next batches of notifications twice. */
  duplicateNotifications(batches: number): void
  /** Makes the next requests that fit fail, without anything being done. */
  failNext(fault: Fault): void
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
  const { host = '127.0.0.1', port = 0, clock = systemClock, lag = {}, logAppender = {}, logger = silent } = options
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

  const faults = createFaults()
  const { journal, record } = createRequestJournal()
  const now = () => clock.now()
  const activity = createActivity()
  const triggers = createTriggers({ store, clock, scheduler })
  const editor = createEditor({ store, scheduler, triggers, guid, now })
  const temporary = createTemporaryContent(guid)
  const notifications = createNotifications({ changes: store.changes, clock, guid, nodeId, nodeName, activity, logger })
  const files = createAppFiles(shelf)
  const routes = siteRoutes({ store, shelf, files, temporary, editor, scheduler, notifications, nodeId, guid, now })
  const identify = createIdentify(store.users)
  const repository = createRepository({ routes, gate: createGate(identify), temporary, logger })
  const hostNames = new Set([nodeName, host, 'localhost', ...(options.hostNames ?? [])])
  const { client: certificates, server } = await createSiteCertificates([...hostNames])
  const world = { clock, guid, nodeName, findApp: shelf.find, apps: shelf.all }
  const engine = createEngine({ world, activity, logger })
  const door = createEngineDoor({ engine, identify })
  const tls = { ...server, ca: certificates.ca }
  const listen = (answering: Service, wanted: number, upgrade?: Upgrade) =>
    openHttpsListener({
      host,
      port: wanted,
      tls,
      activity,
      logger,
      request: createFront({ service: answering, faults, record }),
      ...(upgrade ? { upgrade } : {}),
    })
  let downUntilMs = 0
  const service: Service = (request) => (clock.now() < downUntilMs ? text(503, 'Service Unavailable') : repository(request))
  const listener = await listen(service, port)
  const engineListener = await listen(door.service, options.enginePort ?? 0, door.upgrade).catch(async (error: unknown) => {
    await listener.close()
    throw error
  })

  let closing: Promise<void> | undefined
  const close = () => (closing ??= closeAll())

  return {
    host,
    port: listener.port,
    enginePort: engineListener.port,
    url: `https://${host.includes(':') ? `[${host}]` : host}:${listener.port}/qrs`,
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
    duplicateNotifications: (batches) => notifications.duplicateNext(batches),
    failNext: (fault) => faults.add(fault),
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
    await Promise.all([listener.close(), engineListener.close(), tasks.close(), users.close()])
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
