import { z } from 'zod'
import type { QrsClient } from './client.js'
import { createEntities, type EntityDraft, type QrsEntities } from './entities.js'
import { customPropertySchema, namedSchema, optional, toCustomProperty, toNamed, type CustomProperty, type Named } from './fields.js'

/** A user that Sense knows. */
export interface User extends Named {
  readonly directory: string
  readonly userId: string
  readonly inactive: boolean
  /** `RootAdmin`, `ContentAdmin` and others. */
  readonly roles: readonly string[]
  /** From the directory, such as `email` and `group`; a name may come several times. */
  readonly attributes: readonly { readonly name: string; readonly value: string }[]
  readonly tags: readonly Named[]
  readonly customProperties: readonly CustomProperty[]
}

/** One item of `GET /qrs/user/full`. */
export const userWire = z.object({
  id: z.string(),
  name: optional(z.string()),
  userDirectory: z.string(),
  userId: z.string(),
  inactive: optional(z.boolean()),
  roles: optional(z.array(z.string())),
  attributes: optional(z.array(z.object({ attributeType: z.string(), attributeValue: optional(z.string()) }))),
  tags: optional(z.array(namedSchema)),
  customProperties: optional(z.array(customPropertySchema)),
})

/** Users. */
export type QrsUsers = QrsEntities<User, EntityDraft>

/** Users, through one client. */
export function createUsers(client: QrsClient): QrsUsers {
  return createEntities(client, { path: 'user', type: 'User', wire: userWire, to: toUser })
}

/** Our form of a user. */
export function toUser(user: z.output<typeof userWire>): User {
  return {
    id: user.id.toLowerCase(),
    name: user.name ?? '',
    directory: user.userDirectory,
    userId: user.userId,
    inactive: user.inactive ?? false,
    roles: user.roles ?? [],
    attributes: user.attributes?.map(({ attributeType, attributeValue }) => ({ name: attributeType, value: attributeValue ?? '' })) ?? [],
    tags: user.tags?.map(toNamed) ?? [],
    customProperties: user.customProperties?.map(toCustomProperty) ?? [],
  }
}
