/**
 * QRS JSON as it is on the wire, QRS API 38.22.0. A GUID is lower-case text and the empty one means none; a date is ISO 8601 in UTC with
 * milliseconds and 1753-01-01 means none. What the client hands to users has neither: this is for those who talk to QRS directly.
 */
export interface WireEntity {
  readonly id: string
  readonly createdDate: string
  readonly modifiedDate: string
  /** `DIRECTORY\user`. */
  readonly modifiedByUserName: string
  /** The entity's type, such as `ReloadTask`. */
  readonly schemaPath: string
}

/** Rights of the calling user, asked for with `privileges=true`; null otherwise. */
export interface WirePrivileges {
  readonly privileges: readonly string[] | null
}

/** A scalar in an answer's body: a count, an execution session's id, a script log's ticket. The specification leaves out the box. */
export interface WireBoxed<Value> {
  readonly value: Value
}

/** A set of entities to work on together: `POST /selection/{type}`. */
export interface WireSelection extends WireEntity, WirePrivileges {
  readonly items: readonly { readonly id: string; readonly type: string; readonly objectID: string; readonly objectName: string }[]
}

/** Answer of `POST /{type}/table`. */
export interface WireTable {
  readonly id: string
  readonly schemaPath: string
  readonly columnNames: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/** One element of what QRS posts to a subscriber of `POST /notification`. */
export interface WireChangeInfo {
  /** 1 added, 2 updated, 3 deleted. */
  readonly changeType: number
  readonly objectType: string
  readonly objectID: string
  readonly changedProperties: readonly string[]
  readonly engineID: string
  readonly engineType: string
  readonly originatorNodeID: string
  readonly originatorHostName: string
  readonly originatorContextID: string
  readonly createdDate: string
  readonly modifiedDate: string
  readonly schemaPath: string
}
