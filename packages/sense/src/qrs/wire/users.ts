import type { WireCustomPropertyValue } from './custom-properties.js'
import type { WireEntity, WirePrivileges } from './entity.js'
import type { WireTagCondensed } from './tags.js'

/** A user, as other entities show it. */
export interface WireUserCondensed extends WirePrivileges {
  readonly id: string
  readonly userId: string
  readonly userDirectory: string
  readonly userDirectoryConnectorName: string
  readonly name: string
}

/** A user: `GET /user/full`. */
export interface WireUser extends WireEntity, WireUserCondensed {
  readonly customProperties: readonly WireCustomPropertyValue[]
  readonly roles: readonly string[]
  readonly attributes: readonly { readonly attributeType: string; readonly attributeValue: string; readonly externalId: string }[]
  readonly inactive: boolean
  readonly removedExternally: boolean
  readonly blacklisted: boolean
  readonly deleteProhibited: boolean
  readonly tags: readonly WireTagCondensed[]
}
