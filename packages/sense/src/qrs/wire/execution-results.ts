import type { ExecutionResultDetailType, TaskExecutionStatus } from '../enums.js'
import type { WireEntity, WirePrivileges } from './entity.js'

/** One line of an execution result's history. Their order on the wire is not given: sort by `detailCreatedDate`. */
export interface WireExecutionResultDetail extends WirePrivileges {
  readonly id: string
  readonly detailsType: ExecutionResultDetailType
  readonly message: string
  readonly detailCreatedDate: string
}

/** An execution result, as sessions, tasks and `GET /executionresult` show it: without the ids of task, session and app. */
export interface WireExecutionResultCondensed extends WirePrivileges {
  readonly id: string
  /** May be empty. */
  readonly executingNodeName: string
  readonly status: TaskExecutionStatus
  readonly startTime: string
  readonly stopTime: string
  /** Milliseconds; 0 until the run is over, and for some seconds after. */
  readonly duration: number
  readonly fileReferenceID: string
  /** False even where there is a log; go by `fileReferenceID`. */
  readonly scriptLogAvailable: boolean
  readonly details: readonly WireExecutionResultDetail[]
  readonly scriptLogLocation: string
  /** Bytes. */
  readonly scriptLogSize: number
}

/** One attempt of one run, kept after the run: `GET /executionresult/full`. */
export interface WireExecutionResult extends WireEntity, WireExecutionResultCondensed {
  readonly taskID: string
  /** The execution session; several results share one when the run was retried. */
  readonly executionID: string
  readonly appID: string
  readonly executingNodeID: string
}
