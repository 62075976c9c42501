import type { WireEntity, WireUser } from '@butlerkit/sense'
import { zeroGuid } from '../guid.js'
import { Status } from '../qrs/enums.js'
import type { ExecutionResultRecord, TaskRecord } from './records.js'
import { nullDate, toWireDate } from './wire-values.js'

/** What new records need beside their data. */
export interface NewRecordOptions {
  /** Makes ids. */
  readonly guid: () => string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** The fields of a user, active and without roles. */
export function userFields(userDirectory: string, userId: string, name = userId): Omit<WireUser, keyof WireEntity> {
  return {
    privileges: null,
    customProperties: [],
    userId,
    userDirectory,
    userDirectoryConnectorName: userDirectory,
    name,
    roles: [],
    attributes: [],
    inactive: false,
    removedExternally: false,
    blacklisted: false,
    deleteProhibited: userDirectory === 'INTERNAL',
    tags: [],
  }
}

/** What the scheduler knows of a task that has never run. */
export function newOperational(taskId: string, { guid, now }: NewRecordOptions): TaskRecord['operational'] {
  const created = toWireDate(now())
  const head = {
    id: guid(),
    createdDate: created,
    modifiedDate: created,
    modifiedByUserName: 'INTERNAL\\sa_repository',
    schemaPath: 'ExecutionResult',
  }
  return { id: guid(), lastExecutionResult: { ...head, ...neverStarted, taskID: taskId }, nextExecution: nullDate, privileges: null }
}

/** What a result says before anything has run. */
export const neverStarted = {
  privileges: null,
  taskID: zeroGuid,
  executionID: zeroGuid,
  appID: zeroGuid,
  executingNodeID: zeroGuid,
  executingNodeName: '',
  status: Status.NeverStarted,
  startTime: nullDate,
  stopTime: nullDate,
  duration: 0,
  fileReferenceID: zeroGuid,
  scriptLogAvailable: false,
  details: [],
  scriptLogLocation: '',
  scriptLogSize: 0,
} as const satisfies Omit<ExecutionResultRecord, 'id' | 'createdDate' | 'modifiedDate' | 'modifiedByUserName' | 'schemaPath'>
