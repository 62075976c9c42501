import { z } from 'zod'
import type { QrsClient } from './client.js'
import { customProperty, date, id, list, maybe, named, optionalText, type CustomProperty, type Named } from './fields.js'
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

const owner = z
  .object({ id, userDirectory: optionalText, userId: optionalText, name: optionalText })
  .transform((user) => ({ id: user.id, directory: user.userDirectory, userId: user.userId, name: user.name }))

/** One item of `GET /qrs/app/full`. */
export const appSchema: z.ZodType<App> = z.object({
  id,
  name: z.string(),
  description: optionalText,
  published: z.boolean(),
  publishTime: date,
  stream: maybe(named),
  owner: maybe(owner),
  tags: list(named),
  customProperties: list(customProperty),
  fileSize: maybe(z.number()),
  lastReloadTime: date,
  createdDate: date,
  modifiedDate: date,
})

const appsSchema = z.array(appSchema)

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
    list: ({ filter, signal } = {}) => client.json({ path: '/qrs/app/full', filter, signal }, appsSchema),
  }
}
