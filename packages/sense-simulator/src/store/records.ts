import type {
  WireApp,
  WireCustomPropertyDefinition,
  WireExecutionResult,
  WireExecutionSession,
  WireReloadTask,
  WireReloadTaskOperational,
  WireStream,
  WireTag,
} from '@butlerkit/sense'

type Draft<T> = { -readonly [Key in keyof T]: T[Key] }

/** An app as the site keeps it. */
export type AppRecord = Draft<WireApp>

/** One attempt of a run as the site keeps it. */
export type ExecutionResultRecord = Draft<WireExecutionResult>

/** A reload task as the site keeps it: what it refers to are the records themselves, so that filters reach all of them. */
export interface ReloadTaskRecord extends Omit<WireReloadTask, 'app' | 'operational'> {
  readonly app: AppRecord
  readonly operational: Omit<WireReloadTaskOperational, 'lastExecutionResult'> & { lastExecutionResult: ExecutionResultRecord }
}

/** A run while it lasts. */
export interface ExecutionSessionRecord extends Draft<Omit<WireExecutionSession, 'executionResult' | 'reloadTask'>> {
  executionResult: ExecutionResultRecord
  readonly reloadTask: ReloadTaskRecord
}

/** Everything on the site, in the full form of the wire, by id. */
export interface Store {
  readonly streams: Map<string, WireStream>
  readonly tags: Map<string, WireTag>
  readonly customProperties: Map<string, WireCustomPropertyDefinition>
  readonly apps: Map<string, AppRecord>
  readonly reloadTasks: Map<string, ReloadTaskRecord>
  readonly executionSessions: Map<string, ExecutionSessionRecord>
  readonly executionResults: Map<string, ExecutionResultRecord>
}
