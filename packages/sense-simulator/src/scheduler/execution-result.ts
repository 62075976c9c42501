import type { WireExecutionResultDetail } from '@butlerkit/sense'
import { enums, Status, type StatusName } from '../qrs/enums.js'
import { neverStarted } from '../store/new-records.js'
import { zeroGuid } from '../guid.js'
import { appOfTask, type ExecutionResultRecord, type TaskRecord } from '../store/records.js'
import { toWireDate } from '../store/wire-values.js'
import type { ScriptLog } from './script-log.js'

/** Who the scheduler is in `modifiedByUserName` and in its log. */
export const schedulerUser = 'INTERNAL\\sa_scheduler'

/** What a new result needs to know. */
export interface ResultHead {
  readonly task: TaskRecord
  readonly executionId: string
  readonly nodeId: string
  readonly nodeName: string
  /** Milliseconds since 1970. */
  readonly startTimeMs: number
  /** What the attempt comes from. */
  readonly status: StatusName
}

/** One attempt of a run, while it is written. */
export interface ResultWriter {
  readonly record: ExecutionResultRecord
  readonly startTimeMs: number
  /** Goes to another state and notes it. */
  changeState(status: StatusName): void
  addDetail(message: string): void
  /** The attempt is over: final status, stop time, script log. */
  stop(ending: Ending, stoppedAtMs: number, log?: ScriptLog): void
  /** What a repository that lags adds last: the duration and the details of the end. */
  complete(lastAttempt: boolean): void
}

/** A status in which a run can end. */
export type Ending = Extract<StatusName, 'FinishedSuccess' | 'FinishedFail' | 'Error' | 'Skipped' | 'Aborted'>

/** What a result is written with. */
export interface ResultOptions {
  readonly guid: () => string
  readonly now: () => number
  /** Told of what has changed, by the names of properties. */
  readonly updated: (record: ExecutionResultRecord, properties: readonly string[]) => void
}

/** Begins a result: the row that a start, or a retry, adds. */
export function createResult(head: ResultHead, { guid, now, updated }: ResultOptions): ResultWriter {
  const { task, startTimeMs } = head
  const started = toWireDate(startTimeMs)
  const record: ExecutionResultRecord = {
    id: guid(),
    createdDate: started,
    modifiedDate: started,
    modifiedByUserName: schedulerUser,
    schemaPath: 'ExecutionResult',
    ...neverStarted,
    taskID: task.id,
    executionID: head.executionId,
    appID: appOfTask(task)?.id ?? zeroGuid,
    executingNodeID: head.nodeId,
    executingNodeName: head.nodeName,
    startTime: started,
  }
  const type = enums['ExecutionResultDetail.detailsType']
  let status = head.status
  let lastDetailMs = 0
  let addLast: ((lastAttempt: boolean) => void) | undefined

  return {
    record,
    startTimeMs,
    changeState(next) {
      addDetail(`Changing task state from ${status} to ${next}`)
      setStatus(next)
    },
    addDetail,
    stop(ending, stoppedAtMs, log) {
      const left = status
      setStatus(ending)
      record.stopTime = toWireDate(stoppedAtMs)
      if (log !== undefined) {
        record.fileReferenceID = log.fileReferenceId
        record.scriptLogLocation = log.location
        record.scriptLogSize = Buffer.byteLength(log.text)
      }
      updated(record, ['stopTime', 'fileReferenceID', 'modifiedDate'])
      addLast = (lastAttempt) => {
        record.duration = stoppedAtMs - startTimeMs
        record.modifiedDate = toWireDate(now())
        if (log !== undefined) addDetail('Reference to scriptlog added', type.Information, stoppedAtMs)
        if (ending === 'FinishedFail')
          addDetail('Message from ReloadProvider: Reload failed in Engine. Check engine or script logs.', type.Error, stoppedAtMs)
        addDetail(`Changing task state from ${left} to ${ending}`, type.Information, stoppedAtMs)
        if (ending === 'FinishedFail' && lastAttempt) addDetail('Max retries reached', type.Error, stoppedAtMs)
        updated(record, ['duration', 'details', 'modifiedDate'])
      }
    },
    complete(lastAttempt) {
      addLast?.(lastAttempt)
    },
  }

  function setStatus(next: StatusName): void {
    status = next
    record.status = Status[next]
    record.modifiedDate = toWireDate(now())
    updated(record, ['status', 'modifiedDate'])
  }

  // Newest first, for QRS promises no order; a millisecond apart, so that sorting by date is enough to find it.
  function addDetail(message: string, detailsType: WireExecutionResultDetail['detailsType'] = type.Information, atMs = now()): void {
    lastDetailMs = Math.max(atMs, lastDetailMs + 1)
    const detail = { id: guid(), detailsType, message, detailCreatedDate: toWireDate(lastDetailMs), privileges: null }
    record.details = [detail, ...record.details]
  }
}
