import type {
  WireApp,
  WireCompositeEvent,
  WireCompositeEventRule,
  WireCustomPropertyDefinition,
  WireExecutionResult,
  WireExecutionSession,
  WireExternalProgramTask,
  WireReloadTask,
  WireReloadTaskOperational,
  WireSchemaEvent,
  WireSchemaEventOperational,
  WireSelection,
  WireStream,
  WireTag,
  WireUser,
  WireUserDirectory,
  WireUserSyncTask,
} from '@butlerkit/sense'
import type { Changes } from './changes.js'

type Draft<T> = { -readonly [Key in keyof T]: T[Key] }

/** An app as the site keeps it. */
export type AppRecord = Draft<WireApp>

/** One attempt of a run as the site keeps it. */
export type ExecutionResultRecord = Draft<WireExecutionResult>

interface Operational extends Omit<WireReloadTaskOperational, 'lastExecutionResult' | 'nextExecution'> {
  lastExecutionResult: ExecutionResultRecord
  nextExecution: string
}

/** A reload task as the site keeps it: what it refers to are the records themselves, so that filters reach all of them. */
export interface ReloadTaskRecord extends Omit<Draft<WireReloadTask>, 'app' | 'operational'> {
  app: AppRecord
  readonly operational: Operational
}

/** A task that runs a program, as the site keeps it. */
export interface ExternalProgramTaskRecord extends Omit<Draft<WireExternalProgramTask>, 'operational'> {
  readonly operational: Operational
}

/** A directory that users come from, as the site keeps it. */
export type UserDirectoryRecord = Draft<WireUserDirectory>

/** A task that reads users from a directory, as the site keeps it. */
export interface UserSyncTaskRecord extends Omit<Draft<WireUserSyncTask>, 'userDirectory' | 'operational'> {
  userDirectory: UserDirectoryRecord
  readonly operational: Operational
}

/** What the scheduler runs. */
export type TaskRecord = ReloadTaskRecord | ExternalProgramTaskRecord | UserSyncTaskRecord

/** A run while it lasts. */
export interface ExecutionSessionRecord extends Draft<Omit<WireExecutionSession, keyof Targets | 'executionResult'>>, Readonly<Targets> {
  executionResult: ExecutionResultRecord
}

/** How triggers and sessions name a task: in the field of its kind, with null in the others. */
export interface Targets {
  reloadTask: ReloadTaskRecord | null
  externalProgramTask: ExternalProgramTaskRecord | null
  userSyncTask: UserSyncTaskRecord | null
}

/** A trigger by time as the site keeps it. */
export interface SchemaEventRecord extends Omit<Draft<WireSchemaEvent>, keyof Targets | 'operational'>, Targets {
  readonly operational: Draft<WireSchemaEventOperational>
}

/** A trigger by other tasks as the site keeps it. */
export interface CompositeEventRecord extends Omit<Draft<WireCompositeEvent>, keyof Targets | 'operational' | 'compositeRules'>, Targets {
  compositeRules: readonly CompositeRuleRecord[]
  readonly operational: Draft<WireCompositeEvent['operational']>
}

/** One condition of a trigger by other tasks. */
export type CompositeRuleRecord = Omit<WireCompositeEventRule, keyof Targets> & Readonly<Targets>

/** Everything on the site, in the full form of the wire, by id. */
export interface Store {
  readonly streams: Map<string, WireStream>
  readonly tags: Map<string, WireTag>
  readonly customProperties: Map<string, WireCustomPropertyDefinition>
  readonly users: Map<string, WireUser>
  readonly apps: Map<string, AppRecord>
  readonly reloadTasks: Map<string, ReloadTaskRecord>
  readonly externalProgramTasks: Map<string, ExternalProgramTaskRecord>
  readonly userSyncTasks: Map<string, UserSyncTaskRecord>
  readonly userDirectories: Map<string, UserDirectoryRecord>
  readonly schemaEvents: Map<string, SchemaEventRecord>
  readonly compositeEvents: Map<string, CompositeEventRecord>
  readonly selections: Map<string, WireSelection>
  readonly executionSessions: Map<string, ExecutionSessionRecord>
  readonly executionResults: Map<string, ExecutionResultRecord>
  readonly changes: Changes
}

/** The tasks of all kinds. */
export type TaskStore = Pick<Store, 'reloadTasks' | 'externalProgramTasks' | 'userSyncTasks'>

/** The app a task reloads; undefined for one of another kind. */
export function appOfTask(task: TaskRecord): AppRecord | undefined {
  return 'app' in task ? task.app : undefined
}

/** A task of any kind by its id. */
export function findTask(store: TaskStore, id: string): TaskRecord | undefined {
  return store.reloadTasks.get(id) ?? store.externalProgramTasks.get(id) ?? store.userSyncTasks.get(id)
}

/** All tasks, reload tasks first, then those that run programs. */
export function allTasks(store: TaskStore): readonly TaskRecord[] {
  return [...store.reloadTasks.values(), ...store.externalProgramTasks.values(), ...store.userSyncTasks.values()]
}

/** Adds a task to those of its kind. */
export function addTask(store: TaskStore, task: TaskRecord): void {
  if ('app' in task) store.reloadTasks.set(task.id, task)
  else if ('path' in task) store.externalProgramTasks.set(task.id, task)
  else store.userSyncTasks.set(task.id, task)
}

/** A task as triggers and sessions name it. */
export function targetOf(task: TaskRecord): Targets {
  return {
    reloadTask: 'app' in task ? task : null,
    externalProgramTask: 'path' in task ? task : null,
    userSyncTask: 'userDirectory' in task ? task : null,
  }
}

/** The task that a trigger, a condition or a session names. */
export function taskOf({ reloadTask, externalProgramTask, userSyncTask }: Readonly<Targets>): TaskRecord | null {
  return reloadTask ?? externalProgramTask ?? userSyncTask
}

/** All a store keeps but its list of changes. */
export type StoreData = Omit<Store, 'changes'>

/** Copies what a store keeps; what refers to another entity refers to its copy. */
export function copyStore(store: Store): StoreData {
  return structuredClone(Object.fromEntries(Object.entries(store).filter(([name]) => name !== 'changes'))) as unknown as StoreData
}

/** Puts a copy of other data in place of what a store keeps. */
export function replaceStore(store: Store, data: StoreData): void {
  const fresh = structuredClone(data) as Record<string, Map<string, unknown>>
  for (const [name, records] of Object.entries(store) as [string, Map<string, unknown>][]) {
    if (name === 'changes') continue
    records.clear()
    for (const [id, record] of fresh[name] ?? []) records.set(id, record)
  }
}
