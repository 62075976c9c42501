import type { WireCustomPropertyValue } from './custom-properties.js'
import type { WireEntity, WirePrivileges } from './entity.js'
import type { WireTagCondensed } from './tags.js'
import type { WireUserCondensed } from './users.js'

/** A stream, as other entities and `GET /stream` show it. */
export interface WireStreamCondensed extends WirePrivileges {
  readonly id: string
  readonly name: string
}

/** A stream: `GET /stream/full`. */
export interface WireStream extends WireEntity, WireStreamCondensed {
  readonly customProperties: readonly WireCustomPropertyValue[]
  readonly owner: WireUserCondensed
  readonly tags: readonly WireTagCondensed[]
}
