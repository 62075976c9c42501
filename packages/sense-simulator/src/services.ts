import type { Clock, Logger } from '@butlerkit/core'
import type { Activity } from './activity.js'
import { toTaskDatagram } from './appender/datagrams.js'
import type { LogAppender } from './appender/log-appender.js'
import { createAppShelf } from './engine/app-shelf.js'
import { createEngine, type Engine } from './engine/engine.js'
import type { FaultSource } from './faults.js'
import type { Service } from './http/answer.js'
import { createAppFiles } from './qrs/app-files.js'
import { createEditor } from './qrs/editor.js'
import { admit, createGate, createIdentify, createUserIndex, type Identify } from './qrs/gate.js'
import { createNotifications } from './qrs/notifications.js'
import { createRepository } from './qrs/repository.js'
import { siteRoutes } from './qrs/site-routes.js'
import { createTemporaryContent } from './qrs/temporary-content.js'
import { createScheduler, type Lag, type Scheduler, type TaskScript } from './scheduler/scheduler.js'
import { createTriggers } from './scheduler/triggers.js'
import { taskSeeds, type SiteSeed } from './site-seed.js'
import { createStore } from './store/create-store.js'
import { userFields } from './store/new-records.js'
import { allTasks, copyStore, replaceStore, type Store, type StoreData } from './store/records.js'

/** What the services of a site share. */
export interface ServicesOptions {
  readonly clock: Clock
  readonly guid: () => string
  readonly nodeName: string
  readonly lag: Lag
  /** The scheduler's log. */
  readonly tasks: LogAppender
  readonly activity: Activity
  readonly faults: FaultSource
  readonly logger: Logger
}

/**
 * What a site keeps at one moment: apps, tasks, results and so on. Not part of it: runs under way, script logs, sessions, subscriptions, files
 * uploaded, and what clients have changed in apps through the engine.
 */
export interface SiteSnapshot {
  readonly data: object
}

/** The services of a site, without a port. */
export interface Services {
  readonly store: Store
  readonly scheduler: Scheduler
  readonly engine: Engine
  readonly repository: Service
  readonly identify: Identify
  /** Lets in who has proved to be someone; the site's users need not include them yet. @throws `Refusal` 403 for who is inactive */
  readonly admitUser: (directory: string, id: string) => string
  forgetSubscribers(): void
  snapshot(): SiteSnapshot
  restore(snapshot: SiteSnapshot): void
  /** Ends all timers and sessions. */
  close(): void
}

/** Makes the services of a site from its seed, which has been checked. */
export function createServices(seed: SiteSeed, options: ServicesOptions): Services {
  const { clock, guid, nodeName, lag, tasks, activity, faults, logger } = options
  const now = () => clock.now()
  const nodeId = guid()
  const store = createStore(seed, { guid, now })
  const scheduler = createScheduler({
    store,
    clock,
    guid,
    nodeId,
    nodeName,
    lag,
    scripts: scriptsOf(seed, store),
    maxConcurrentReloads: seed.maxConcurrentReloads,
    onEvent: (event) => tasks.send(toTaskDatagram(event, { host: nodeName, timeMs: now() })),
  })
  const triggers = createTriggers({ store, clock, scheduler })
  const shelf = createAppShelf(store.apps)
  for (const [index, id] of [...store.apps.keys()].entries()) shelf.put(id, seed.apps?.[index]?.content)
  const world = { clock, guid, nodeName, findApp: shelf.find, apps: shelf.all }
  const engine = createEngine({ world, activity, faults, logger })

  const editor = createEditor({ store, scheduler, triggers, guid, now })
  const temporary = createTemporaryContent(guid)
  const notifications = createNotifications({ changes: store.changes, clock, guid, nodeId, nodeName, activity, faults, logger })
  const files = createAppFiles(shelf, seed.importFolder)
  const routes = siteRoutes({ store, shelf, files, temporary, editor, scheduler, notifications, nodeId, nodeName, guid, now })
  const identify = createIdentify(store.users)
  const findUser = createUserIndex(store.users)

  return {
    store,
    scheduler,
    engine,
    repository: createRepository({ routes, gate: createGate(identify), temporary, logger }),
    identify,
    admitUser(userDirectory, userId) {
      const known = findUser({ userDirectory, userId })
      if (known) return admit(known)
      const user = { ...editor.head('User', String.raw`INTERNAL\sa_proxy`), ...userFields(userDirectory, userId) }
      store.users.set(user.id, user)
      store.changes.added('User', user)
      return admit(user)
    },
    forgetSubscribers: () => notifications.clear(),
    snapshot: () => ({ data: copyStore(store) }),
    restore({ data }) {
      notifications.clear()
      engine.endSessions()
      replaceStore(store, data as StoreData)
      store.executionSessions.clear()
      scheduler.reset()
      triggers.reset()
    },
    close() {
      triggers.close()
      scheduler.close()
      notifications.close()
      engine.close()
    },
  }
}

// The store keeps the seed's order.
function scriptsOf(seed: SiteSeed, store: Store): Map<string, TaskScript> {
  const seeds = taskSeeds(seed)
  return new Map(allTasks(store).map(({ id }, index) => [id, seeds[index] ?? {}]))
}
