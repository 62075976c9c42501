import type { EnumName } from './enums.js'

/** A kind of value a filter can compare. */
export type ScalarKind = 'guid' | 'text' | 'int' | 'bool' | 'date'

/** A field that holds another entity, or a list of them, and how much of it a full view shows. */
export interface Reference {
  readonly type: TypeName
  readonly view: View
  readonly many: boolean
}

/** What a field holds. `privileges` is null in all our answers and no part of a filter. */
export type Field = ScalarKind | { readonly enum: EnumName } | { readonly list: 'text' } | Reference | 'privileges'

/** How much of an entity an answer shows. */
export type View = 'full' | 'condensed'

/** One QRS type: what an entity holds, and which of it the condensed view shows. */
export interface EntityType {
  readonly fields: Readonly<Record<string, Field>>
  readonly condensed: readonly string[]
}

/** Names one type of the model. */
export type TypeName =
  | 'App'
  | 'CompositeEvent'
  | 'CompositeEventOperational'
  | 'CompositeEventRule'
  | 'CompositeEventTimeConstraint'
  | 'CustomPropertyDefinition'
  | 'CustomPropertyValue'
  | 'ExecutionResult'
  | 'ExecutionResultDetail'
  | 'ExecutionSession'
  | 'ExternalProgramTask'
  | 'ExternalProgramTaskOperational'
  | 'ReloadTask'
  | 'ReloadTaskOperational'
  | 'SchedulerService'
  | 'SchemaEvent'
  | 'SchemaEventOperational'
  | 'Stream'
  | 'Tag'
  | 'Task'
  | 'User'
  | 'UserAttribute'
  | 'UserDirectory'
  | 'UserSyncTask'
  | 'UserSyncTaskOperational'

/** Tells a field that leads to other entities. */
export function isReference(field: Field): field is Reference {
  return typeof field === 'object' && 'type' in field
}
