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

/** A directory that users come from, as other entities and `GET /userdirectory` show it. */
export interface WireUserDirectoryCondensed extends WirePrivileges {
  readonly id: string
  readonly name: string
  /** The connector's class. */
  readonly type: string
}

/** A directory that users come from: `GET /userdirectory/full`. @see qlik-repo-api 0.15.1, `IUserDirectory` */
export interface WireUserDirectory extends WireEntity, WireUserDirectoryCondensed {
  readonly userDirectoryName: string
  readonly configured: boolean
  readonly operational: boolean
  readonly syncOnlyLoggedInUsers: boolean
  readonly syncStatus: number
  readonly syncLastStarted: string
  readonly syncLastSuccessfulEnded: string
  readonly configuredError: string
  readonly operationalError: string
  readonly tags: readonly WireTagCondensed[]
  readonly creationType: number
  readonly settings: readonly unknown[]
}
