import type { AppAvailabilityStatus } from '../enums.js'
import type { WireCustomPropertyValue } from './custom-properties.js'
import type { WireEntity, WirePrivileges } from './entity.js'
import type { WireStreamCondensed } from './streams.js'
import type { WireTagCondensed } from './tags.js'
import type { WireUserCondensed } from './users.js'

/** An app, as other entities and `GET /app` show it. */
export interface WireAppCondensed extends WirePrivileges {
  readonly id: string
  readonly name: string
  readonly appId: string
  readonly publishTime: string
  readonly published: boolean
  /** Null while not published. */
  readonly stream: WireStreamCondensed | null
  readonly savedInProductVersion: string
  readonly migrationHash: string
  readonly availabilityStatus: AppAvailabilityStatus
}

/** An app: `GET /app/full`. */
export interface WireApp extends WireEntity, WireAppCondensed {
  readonly customProperties: readonly WireCustomPropertyValue[]
  readonly owner: WireUserCondensed
  readonly sourceAppId: string
  readonly targetAppId: string
  readonly tags: readonly WireTagCondensed[]
  readonly description: string
  /** Bytes. */
  readonly fileSize: number
  /** End of the last successful reload. */
  readonly lastReloadTime: string
  readonly thumbnail: string
  readonly dynamicColor: string
  /** Only on sites that distribute data. */
  readonly lastDataDistribution?: string
}

/** Answer of `POST /app/{id}/export/{token}`. */
export interface WireAppExport {
  readonly exportToken: string
  readonly appId: string
  /** At the root of the host, not below `/qrs`. */
  readonly downloadPath: string
  readonly cancelled: boolean
  readonly schemaPath: string
}
