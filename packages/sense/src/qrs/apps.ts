import { z } from 'zod'
import type { QrsClient } from './client.js'
import { customPropertySchema, namedSchema, optional, toCustomProperty, toDate, type CustomProperty, type Named } from './fields.js'
import type { QrsListOptions } from './list-options.js'

/** An app. Fields that QRS sends and that are not here are left out. */
export interface App {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly published: boolean
  /** When it was published; `undefined` while it is not. */
  readonly publishTime: Date | undefined
  /** `undefined` while not published. */
  readonly stream: Named | undefined
  readonly owner: { readonly id: string; readonly directory: string; readonly userId: string; readonly name: string } | undefined
  readonly tags: readonly Named[]
  readonly customProperties: readonly CustomProperty[]
  /** Bytes. */
  readonly fileSize: number | undefined
  /** End of the last successful reload; `undefined` for never. */
  readonly lastReloadTime: Date | undefined
  readonly createdDate: Date | undefined
  readonly modifiedDate: Date | undefined
}

/** One item of `GET /qrs/app/full`. */
export const appWire = z.object({
  id: z.string(),
  name: z.string(),
  description: optional(z.string()),
  published: z.boolean(),
  publishTime: optional(z.string()),
  stream: optional(namedSchema),
  owner: optional(z.object({ id: z.string(), userDirectory: z.string(), userId: z.string(), name: z.string() })),
  tags: optional(z.array(namedSchema)),
  customProperties: optional(z.array(customPropertySchema)),
  fileSize: optional(z.number()),
  lastReloadTime: optional(z.string()),
  createdDate: optional(z.string()),
  modifiedDate: optional(z.string()),
})

const appsWire = z.array(appWire)

/** Apps. */
export interface QrsApps {
  /**
   * The apps that the user may see, all in one answer, in no given order. Asks for full entities (`/app/full`, about 0.8 kB each): the
   * condensed list lacks tags, owner and the last reload.
   *
   * @throws {@link QrsError}
   */
  list(options?: QrsListOptions): Promise<App[]>
}

/** Apps, through one client. */
export function createApps(client: QrsClient): QrsApps {
  return {
    async list({ filter, signal } = {}) {
      const apps = await client.json({ path: '/qrs/app/full', filter, signal }, appsWire)
      return apps.map(toApp)
    },
  }
}

/** Our form of an app. */
export function toApp(app: z.output<typeof appWire>): App {
  const { owner } = app
  return {
    id: app.id.toLowerCase(),
    name: app.name,
    description: app.description ?? '',
    published: app.published,
    publishTime: toDate(app.publishTime),
    stream: app.stream ?? undefined,
    owner: owner ? { id: owner.id, directory: owner.userDirectory, userId: owner.userId, name: owner.name } : undefined,
    tags: app.tags ?? [],
    customProperties: app.customProperties?.map(toCustomProperty) ?? [],
    fileSize: app.fileSize ?? undefined,
    lastReloadTime: toDate(app.lastReloadTime),
    createdDate: toDate(app.createdDate),
    modifiedDate: toDate(app.modifiedDate),
  }
}
