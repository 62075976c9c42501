import type { WireEntity, WirePrivileges } from './entity.js'

/** A tag, as other entities and `GET /tag` show it. */
export interface WireTagCondensed extends WirePrivileges {
  readonly id: string
  readonly name: string
}

/** A tag: `GET /tag/full`. */
export interface WireTag extends WireEntity, WireTagCondensed {}
