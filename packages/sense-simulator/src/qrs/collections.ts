import type { Store } from '../store/records.js'
import type { TypeName } from './entity-type.js'

/** A kind of entity that has routes of its own. */
export interface Collection {
  /** Path below `/qrs`. */
  readonly path: string
  readonly type: TypeName
  readonly records: Map<string, { readonly id: string }>
}

/** Everything that can be listed, and written as far as `writing.ts` says. */
export function collectionsOf(store: Store): readonly Collection[] {
  return [
    { path: '/app', type: 'App', records: store.apps },
    { path: '/stream', type: 'Stream', records: store.streams },
    { path: '/tag', type: 'Tag', records: store.tags },
    { path: '/custompropertydefinition', type: 'CustomPropertyDefinition', records: store.customProperties },
    { path: '/user', type: 'User', records: store.users },
    { path: '/reloadtask', type: 'ReloadTask', records: store.reloadTasks },
    { path: '/externalprogramtask', type: 'ExternalProgramTask', records: store.externalProgramTasks },
    { path: '/usersynctask', type: 'UserSyncTask', records: store.userSyncTasks },
    { path: '/userdirectory', type: 'UserDirectory', records: store.userDirectories },
    { path: '/schemaevent', type: 'SchemaEvent', records: store.schemaEvents },
    { path: '/compositeevent', type: 'CompositeEvent', records: store.compositeEvents },
    { path: '/executionresult', type: 'ExecutionResult', records: store.executionResults },
    { path: '/executionsession', type: 'ExecutionSession', records: store.executionSessions },
  ]
}
