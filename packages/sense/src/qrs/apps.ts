import { z } from 'zod'
import type { AppExport, AppExportOptions, AppImportOptions, AppSource, AppUpload, AppUploadOptions } from './app-files.js'
import { exportApp, importApp, uploadApp } from './app-files.js'
import type { QrsClient } from './client.js'
import { createEntities, type EntityDraft, type QrsEntities } from './entities.js'
import { entityFieldsWire, toEntityFields, type EntityFields } from './entity-fields.js'
import { namedSchema, optional, toDate, toNamed, type Named } from './fields.js'
import { guidPath } from './guid.js'
import type { QrsChangeOptions } from './list-options.js'

/** An app. Fields that QRS sends and that are not here are left out. */
export interface App extends EntityFields {
  readonly description: string
  readonly published: boolean
  /** When it was published; `undefined` while it is not. */
  readonly publishTime: Date | undefined
  /** `undefined` while not published. */
  readonly stream: Named | undefined
  readonly owner: { readonly id: string; readonly directory: string; readonly userId: string; readonly name: string } | undefined
  /** Bytes. */
  readonly fileSize: number | undefined
  /** End of the last successful reload; `undefined` for never. */
  readonly lastReloadTime: Date | undefined
}

/** An app as QRS takes it. */
export interface AppDraft extends EntityDraft {
  description: string
}

/** One item of `GET /qrs/app/full`. */
export const appWire = z.object({
  ...entityFieldsWire,
  description: optional(z.string()),
  published: z.boolean(),
  publishTime: optional(z.string()),
  stream: optional(namedSchema),
  owner: optional(z.object({ id: z.string(), userDirectory: z.string(), userId: z.string(), name: z.string() })),
  fileSize: optional(z.number()),
  lastReloadTime: optional(z.string()),
})

/** What a copy of an app takes. */
export interface AppCopyOptions extends QrsChangeOptions {
  /** @defaultValue the original's, with "(1)" after it, as Sense says */
  readonly name?: string | undefined
  /** @defaultValue false */
  readonly includeCustomProperties?: boolean | undefined
}

/** Apps. Reloading one is `sense.tasks.reloadApp`, as it starts a task. */
export interface QrsApps extends QrsEntities<App, AppDraft> {
  /** Copies an app; the copy is the user's own and not published. Sent once. */
  copy(id: string, options?: AppCopyOptions): Promise<App>
  /** Moves an app into a stream. @param options - `name`: another name there */
  publish(id: string, streamId: string, options?: QrsChangeOptions & { readonly name?: string | undefined }): Promise<App>
  /** Puts the content of one app in the place of another, usually a published one, which keeps its id and name. Gives the replaced app. */
  replace(id: string, targetId: string, options?: QrsChangeOptions): Promise<App>
  /**
   * Uploads a `.qvf` file as a new app, or in the place of an app with `replaceId`.
   *
   * @throws {@link QrsError}; `QRS_STATUS` with 413 or 415 for a file Sense does not take
   */
  upload(source: AppSource, options: AppUploadOptions): Promise<AppUpload>
  /**
   * Imports a `.qvf` file that lies on the site already, as a new app, or in the place of an app with `replaceId`. Sent once.
   *
   * @param path - of the file, as the central node has it
   * @throws {@link QrsError}
   * @see Qlik Sense Repository Service API, `POST /qrs/app/import`
   */
  import(path: string, options: AppImportOptions): Promise<App>
  /** Exports an app as a `.qvf` file. @throws {@link QrsError}; what writing the file throws */
  export(id: string, options: AppExportOptions): Promise<AppExport>
}

/** Apps, through one client. */
export function createApps(client: QrsClient): QrsApps {
  return {
    ...createEntities<typeof appWire, App, AppDraft>(client, { path: 'app', type: 'App', wire: appWire, to: toApp }),
    async copy(id, { name, includeCustomProperties, ...options } = {}) {
      const query = { name, includecustomproperties: includeCustomProperties }
      return toApp(await client.json({ method: 'POST', path: `/qrs/app/${guidPath(id)}/copy`, query, ...options }, appWire))
    },
    async publish(id, streamId, { name, ...options } = {}) {
      const query = { stream: guidPath(streamId), name }
      return toApp(await client.json({ method: 'PUT', path: `/qrs/app/${guidPath(id)}/publish`, query, ...options }, appWire))
    },
    async replace(id, targetId, options = {}) {
      const query = { app: guidPath(targetId) }
      return toApp(await client.json({ method: 'PUT', path: `/qrs/app/${guidPath(id)}/replace`, query, ...options }, appWire))
    },
    upload: async (source, options) => {
      const { app, ...facts } = await uploadApp(client, source, options, appWire)
      return { app: toApp(app), ...facts }
    },
    import: async (path, options) => toApp(await importApp(client, path, options, appWire)),
    export: (id, options) => exportApp(client, guidPath(id), options),
  }
}

/** Our form of an app. */
export function toApp(app: z.output<typeof appWire>): App {
  const { owner } = app
  return Object.assign(toEntityFields(app), {
    description: app.description ?? '',
    published: app.published,
    publishTime: toDate(app.publishTime),
    stream: app.stream ? toNamed(app.stream) : undefined,
    owner: owner ? { id: owner.id, directory: owner.userDirectory, userId: owner.userId, name: owner.name } : undefined,
    fileSize: app.fileSize ?? undefined,
    lastReloadTime: toDate(app.lastReloadTime),
  })
}
