import type { Clock, Logger } from '@butlerkit/core'
import { TaskError } from '../errors.js'
import { guidPath, isGuid } from '../qrs/guid.js'
import { followRun, type Run } from '../tasks/run.js'
import { createWakeUps } from '../tasks/wake-ups.js'
import { findCloudApp, type CloudApp } from './apps.js'
import type { CloudClient } from './client.js'
import { CloudError } from './errors.js'
import { cloudPages, type CloudCallOptions, type CloudPagesOptions } from './pages.js'
import { reloadWire, toReload, type CloudReload } from './reload.js'
import { createReloadSource, reloadPath } from './reload-source.js'
import type { CloudReloadStatus } from './status.js'

/** How to reload an app. */
export interface CloudReloadOptions {
  /** Gives up starting; a reload that Qlik Cloud has already been asked for goes on. Does not concern the run that is returned. */
  readonly signal?: AbortSignal | undefined
  /** Only what the script marks for partial reloads. @defaultValue false */
  readonly partial?: boolean | undefined
  /** Variables for the script: at most 20, names and values of at most 256 characters. @defaultValue none */
  readonly variables?: Readonly<Record<string, string>> | undefined
  /** The higher, the sooner among the tenant's reloads, 1 to 10; personal apps have 1. @defaultValue Qlik Cloud's, 1 */
  readonly weight?: number | undefined
}

/** Which reloads of an app. */
export interface CloudReloadsOptions extends CloudCallOptions {
  /** @defaultValue all */
  readonly status?: CloudReloadStatus | undefined
}

/** Reloading apps. */
export interface CloudReloads {
  /**
   * Reloads an app and returns the run that came of it, as `tasks.start` of a site does; the reload itself goes on in Qlik Cloud, which
   * queues it behind others. The request is sent at most once, but where it was not sent at all, or Qlik Cloud turned it away unread: too
   * many requests (429), or a token that was no longer good.
   *
   * @param appId - the app's GUID
   * @throws {@link TaskError} `TASK_ID_INVALID`; `TASK_NOT_FOUND` when the user sees no such app; `TASK_DENIED` when it is not on the allow-list
   * @throws {@link CloudError} when Qlik Cloud does not do its part; where `sent` is true and `request` is `POST /api/v1/reloads`, the reload may
   *   be running: see `list`
   * @see qlik.dev, Reloads API, `POST /api/v1/reloads`
   */
  start(appId: string, options?: CloudReloadOptions): Promise<Run>
  /**
   * The run of a reload that somebody else started, or this program before it was started anew. Over or not.
   *
   * @throws {@link TaskError} `TASK_NOT_FOUND` when the user sees no such reload; {@link CloudError}
   */
  follow(reloadId: string, options?: CloudCallOptions): Promise<Run>
  /** An app's reloads, the newest first: all that Qlik Cloud has kept. @throws {@link SenseError} `SENSE_ID`; {@link CloudError} */
  list(appId: string, options?: CloudReloadsOptions): Promise<CloudReload[]>
  /** The same page by page, so that one may stop. */
  pages(appId: string, options?: CloudReloadsOptions & CloudPagesOptions): AsyncIterable<CloudReload[]>
}

/** What reloading apps needs. */
export interface CloudReloadsSetup {
  readonly client: CloudClient
  readonly allows: (app: Pick<CloudApp, 'id' | 'spaceId'>) => boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly closed: AbortSignal
}

const path = '/api/v1/reloads'

/** Reloads apps, through one client. */
export function createCloudReloads({ client, allows, clock, logger, closed }: CloudReloadsSetup): CloudReloads {
  const wakeUps = createWakeUps()
  return {
    async start(appId, { signal, partial, variables, weight } = {}) {
      if (!isGuid(appId)) throw new TaskError('TASK_ID_INVALID', 'the app id is not a GUID')
      const app = await findCloudApp(client, appId, { signal })
      if (app === undefined) throw new TaskError('TASK_NOT_FOUND', `there is no app ${appId}, or the user may not see it`)
      demandAllowed(app)
      const json = { appId: app.id, partial, variables, weight }
      const { id } = await client.json({ method: 'POST', path, json, signal }, reloadWire)
      logger.info('app reload started', { appId: app.id, appName: app.name, executionId: id })
      return runOf(app, id)
    },

    async follow(reloadId, { signal } = {}) {
      const { appId, id } = await find(reloadId, signal)
      const app = isGuid(appId) ? await findCloudApp(client, appId, { signal }) : undefined
      // The reload of an app that is gone still has a result.
      return runOf(app ?? { id: appId, name: appId, spaceId: undefined }, id)
    },

    async list(appId, options) {
      const reloads: CloudReload[] = []
      for await (const page of pages(appId, options)) reloads.push(...page)
      return reloads
    },

    pages,
  }

  async function* pages(appId: string, options: CloudReloadsOptions & CloudPagesOptions = {}): AsyncGenerator<CloudReload[]> {
    const { status, size, signal } = options
    const query = { appId: guidPath(appId), sort: '-creationTime', filter: status && `status eq "${status}"` }
    for await (const reloads of cloudPages(client, { path, query, wire: reloadWire, size, signal })) yield reloads.map(toReload)
  }

  async function find(reloadId: string, signal: AbortSignal | undefined): Promise<CloudReload> {
    try {
      return toReload(await client.json({ path: reloadPath(reloadId), signal }, reloadWire))
    } catch (cause) {
      if (!(cause instanceof CloudError) || cause.status !== 404) throw cause
      throw new TaskError('TASK_NOT_FOUND', `there is no reload ${reloadId}, or the user may not see it`, { cause })
    }
  }

  function demandAllowed(app: CloudApp): void {
    if (allows(app)) return
    logger.warn('app reload denied', { appId: app.id, appName: app.name })
    throw new TaskError('TASK_DENIED', `app ${app.id} is not on the list of apps that may be reloaded`, { taskIds: [app.id] })
  }

  function runOf(app: Pick<CloudApp, 'id' | 'name' | 'spaceId'>, executionId: string): Run {
    const task = { id: app.id, name: app.name }
    const source = createReloadSource(client, task, executionId)
    return followRun({ task, executionId, source, clock, logger, closed, wakeUps, mayAbort: allows(app) })
  }
}
