import { z } from 'zod'
import { optional, toDate } from '../qrs/fields.js'
import { guidPath } from '../qrs/guid.js'
import type { CloudClient } from './client.js'
import { CloudError } from './errors.js'
import { cloudPages, type CloudCallOptions, type CloudPagesOptions } from './pages.js'

/** An app, as the catalogue of items has it. */
export interface CloudApp {
  readonly id: string
  readonly name: string
  readonly description: string
  /** `undefined` for a personal app. */
  readonly spaceId: string | undefined
  readonly ownerId: string | undefined
  readonly createdAt: Date | undefined
  readonly updatedAt: Date | undefined
  /** `undefined` for one that was never reloaded. */
  readonly reloadedAt: Date | undefined
}

/** Which apps to list. */
export interface CloudAppsOptions extends CloudCallOptions {
  /** Part of the name; upper and lower case are the same. @defaultValue all */
  readonly name?: string | undefined
  /** Id of a space, or `personal`. @defaultValue all the user may see */
  readonly spaceId?: string | undefined
}

/** The apps of a tenant that the user may see. Every call throws a {@link CloudError}, or the signal's reason. */
export interface CloudApps {
  /** All of them, each once: every page to the last has been read. */
  list(options?: CloudAppsOptions): Promise<CloudApp[]>
  /** Page by page. An app that moves while they are read may come twice. */
  pages(options?: CloudAppsOptions & CloudPagesOptions): AsyncIterable<CloudApp[]>
  /**
   * One app.
   *
   * @throws {@link SenseError} `SENSE_ID` for what is not a GUID; {@link CloudError} `CLOUD_STATUS` with 404 for an unknown one
   */
  get(id: string, options?: CloudCallOptions): Promise<CloudApp>
}

const path = '/api/v1/items'
const itemWire = z.object({
  name: z.string(),
  resourceId: optional(z.string()),
  description: optional(z.string()),
  spaceId: optional(z.string()),
  ownerId: optional(z.string()),
  resourceCreatedAt: optional(z.string()),
  resourceUpdatedAt: optional(z.string()),
  resourceReloadEndTime: optional(z.string()),
})

/** Reads apps, through one client. */
export function createCloudApps(client: CloudClient): CloudApps {
  return {
    async list(options) {
      const apps = new Map<string, CloudApp>()
      for await (const page of pages(options)) for (const app of page) apps.set(app.id, app)
      return [...apps.values()]
    },
    pages,
    async get(id, options) {
      const app = await findCloudApp(client, id, options)
      if (app !== undefined) return app
      // Asked as a list, so it is our 404 and not Qlik's.
      const request = `GET ${path}?resourceType=app`
      throw new CloudError('CLOUD_STATUS', `${request}: no such app`, { request, status: 404, sent: true, transient: false })
    },
  }

  async function* pages({ name, spaceId, size, signal }: CloudAppsOptions & CloudPagesOptions = {}): AsyncGenerator<CloudApp[]> {
    const query = { resourceType: 'app', name, spaceId }
    for await (const items of cloudPages(client, { path, query, wire: itemWire, size, signal })) yield items.flatMap(toApps)
  }
}

/** One app, or `undefined` where the user sees none of this id. @throws {@link SenseError} `SENSE_ID` for what is not a GUID */
export async function findCloudApp(client: CloudClient, id: string, { signal }: CloudCallOptions = {}): Promise<CloudApp | undefined> {
  const resourceId = guidPath(id)
  const query = { resourceType: 'app', resourceId }
  for await (const items of cloudPages(client, { path, query, wire: itemWire, signal })) {
    // Never another app, whatever is listed: it may be about to be reloaded.
    const app = items.flatMap(toApps).find((each) => each.id.toLowerCase() === resourceId)
    if (app !== undefined) return app
  }
  return undefined
}

/** The app of an item; none where the item does not say which. */
function toApps(item: z.output<typeof itemWire>): CloudApp[] {
  return item.resourceId ? [toApp(item, item.resourceId)] : []
}

function toApp(item: z.output<typeof itemWire>, id: string): CloudApp {
  return {
    id,
    name: item.name,
    description: item.description ?? '',
    spaceId: item.spaceId || undefined,
    ownerId: item.ownerId || undefined,
    createdAt: toDate(item.resourceCreatedAt),
    updatedAt: toDate(item.resourceUpdatedAt),
    reloadedAt: toDate(item.resourceReloadEndTime),
  }
}
