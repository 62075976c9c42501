import type { TaskType } from '../enums.js'
import type { WireAppCondensed } from './apps.js'
import type { WireCustomPropertyValue } from './custom-properties.js'
import type { WireEntity, WirePrivileges } from './entity.js'
import type { WireExecutionResultCondensed } from './execution-results.js'
import type { WireTagCondensed } from './tags.js'
import type { WireUserCondensed, WireUserDirectoryCondensed } from './users.js'

/** A task of any kind: `GET /task`. */
export interface WireTaskCondensed {
  readonly id: string
  readonly name: string
  readonly taskType: TaskType
  readonly enabled: boolean
  /** Minutes. */
  readonly taskSessionTimeout: number
  /** 0 to 20. */
  readonly maxRetries: number
}

/** What a reload task's scheduler knows of it. */
export interface WireReloadTaskOperational extends WirePrivileges {
  readonly id: string
  readonly lastExecutionResult: WireExecutionResultCondensed
  readonly nextExecution: string
}

/** A reload task, as other entities and `GET /reloadtask` show it. */
export interface WireReloadTaskCondensed extends WireTaskCondensed, WirePrivileges {
  readonly operational: WireReloadTaskOperational
}

/** A reload task: `GET /reloadtask/full`, and `GET /task/full` among tasks of other kinds. */
export interface WireReloadTask extends WireEntity, WireReloadTaskCondensed {
  readonly customProperties: readonly WireCustomPropertyValue[]
  readonly tags: readonly WireTagCondensed[]
  readonly app: WireAppCondensed
  readonly isManuallyTriggered: boolean
  readonly isPartialReload: boolean
}

/** What a task's scheduler knows of an external program task. */
export interface WireExternalProgramTaskOperational extends WireReloadTaskOperational {}

/** A task that runs a program: `GET /externalprogramtask/full`. */
export interface WireExternalProgramTask extends WireEntity, WireTaskCondensed, WirePrivileges {
  readonly customProperties: readonly WireCustomPropertyValue[]
  readonly tags: readonly WireTagCondensed[]
  /** The program on the node. */
  readonly path: string
  readonly parameters: string
  readonly qlikUser: WireUserCondensed | null
  readonly operational: WireExternalProgramTaskOperational
}

/** What a user sync task's scheduler knows of it. */
export interface WireUserSyncTaskOperational extends WireReloadTaskOperational {}

/** A task that reads users from a directory: `GET /usersynctask/full`. */
export interface WireUserSyncTask extends WireEntity, WireTaskCondensed, WirePrivileges {
  readonly customProperties: readonly WireCustomPropertyValue[]
  readonly tags: readonly WireTagCondensed[]
  readonly userDirectory: WireUserDirectoryCondensed
  readonly operational: WireUserSyncTaskOperational
}
