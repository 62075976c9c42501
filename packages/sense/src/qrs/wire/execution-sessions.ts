import type { AbortReason } from '../enums.js'
import type { WireAppCondensed } from './apps.js'
import type { WireEntity, WirePrivileges } from './entity.js'
import type { WireExecutionResultCondensed } from './execution-results.js'
import type { WireReloadTaskCondensed, WireTaskCondensed } from './tasks.js'

/** A run while it lasts, then gone: `GET /executionsession/{id}`. */
export interface WireExecutionSession extends WireEntity, WirePrivileges {
  readonly executingNode: { readonly id: string } & WirePrivileges
  readonly executionResult: WireExecutionResultCondensed
  /** When the scheduler will stop it: its start and the task's `taskSessionTimeout`. */
  readonly abortAt: string
  /** 0 to 100. */
  readonly retries: number
  readonly abortReason: AbortReason
  readonly app: WireAppCondensed | null
  readonly user: string
  readonly reloadTask: WireReloadTaskCondensed | null
  readonly userSyncTask: WireTaskCondensed | null
  readonly externalProgramTask: WireTaskCondensed | null
}
