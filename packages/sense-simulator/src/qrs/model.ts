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

/** Names one type of the {@link model}. */
export type TypeName =
  | 'App'
  | 'CustomPropertyDefinition'
  | 'CustomPropertyValue'
  | 'ExecutionResult'
  | 'ExecutionResultDetail'
  | 'ExecutionSession'
  | 'ReloadTask'
  | 'ReloadTaskOperational'
  | 'SchedulerService'
  | 'Stream'
  | 'Tag'
  | 'Task'
  | 'User'

const one = (type: TypeName, view: View = 'condensed'): Reference => ({ type, view, many: false })
const many = (type: TypeName, view: View = 'condensed'): Reference => ({ type, view, many: true })

const entity = {
  id: 'guid',
  createdDate: 'date',
  modifiedDate: 'date',
  modifiedByUserName: 'text',
  schemaPath: 'text',
} as const satisfies Record<string, Field>

const rightful = { ...entity, privileges: 'privileges' } as const satisfies Record<string, Field>

const reloadTask = {
  ...rightful,
  customProperties: many('CustomPropertyValue', 'full'),
  name: 'text',
  taskType: { enum: 'ReloadTask.taskType' },
  enabled: 'bool',
  taskSessionTimeout: 'int',
  maxRetries: 'int',
  tags: many('Tag'),
  app: one('App'),
  isManuallyTriggered: 'bool',
  operational: one('ReloadTaskOperational'),
  isPartialReload: 'bool',
} as const satisfies Record<string, Field>

const taskHead = ['id', 'name', 'taskType', 'enabled', 'taskSessionTimeout', 'maxRetries']

/**
 * The QRS types we serve: what drives the views, the filters and the order of lists. Checked against `test/facts/qrs-types.json`.
 *
 * @see QRS 38.22.0, `GET /qrs/about/openapi`
 */
export const model: Readonly<Record<TypeName, EntityType>> = {
  App: {
    fields: {
      ...rightful,
      customProperties: many('CustomPropertyValue', 'full'),
      owner: one('User'),
      name: 'text',
      appId: 'text',
      sourceAppId: 'guid',
      targetAppId: 'guid',
      publishTime: 'date',
      published: 'bool',
      tags: many('Tag'),
      description: 'text',
      stream: one('Stream'),
      fileSize: 'int',
      lastReloadTime: 'date',
      thumbnail: 'text',
      savedInProductVersion: 'text',
      migrationHash: 'text',
      dynamicColor: 'text',
      availabilityStatus: { enum: 'AppAvailabilityStatus' },
    },
    condensed: [
      'id',
      'privileges',
      'name',
      'appId',
      'publishTime',
      'published',
      'stream',
      'savedInProductVersion',
      'migrationHash',
      'availabilityStatus',
    ],
  },
  CustomPropertyDefinition: {
    fields: {
      ...rightful,
      name: 'text',
      valueType: 'text',
      choiceValues: { list: 'text' },
      objectTypes: { list: 'text' },
      description: 'text',
    },
    condensed: ['id', 'privileges', 'name', 'valueType', 'choiceValues'],
  },
  CustomPropertyValue: {
    fields: { ...entity, value: 'text', definition: one('CustomPropertyDefinition') },
    condensed: [],
  },
  ExecutionResult: {
    fields: {
      ...rightful,
      taskID: 'guid',
      executionID: 'guid',
      appID: 'guid',
      executingNodeID: 'guid',
      executingNodeName: 'text',
      status: { enum: 'TaskExecutionStatus' },
      startTime: 'date',
      stopTime: 'date',
      duration: 'int',
      fileReferenceID: 'guid',
      scriptLogAvailable: 'bool',
      details: many('ExecutionResultDetail'),
      scriptLogLocation: 'text',
      scriptLogSize: 'int',
    },
    condensed: [
      'id',
      'privileges',
      'executingNodeName',
      'status',
      'startTime',
      'stopTime',
      'duration',
      'fileReferenceID',
      'scriptLogAvailable',
      'details',
      'scriptLogLocation',
      'scriptLogSize',
    ],
  },
  ExecutionResultDetail: {
    fields: {
      id: 'guid',
      privileges: 'privileges',
      detailsType: { enum: 'ExecutionResultDetail.detailsType' },
      message: 'text',
      detailCreatedDate: 'date',
    },
    condensed: ['id', 'privileges', 'detailsType', 'message', 'detailCreatedDate'],
  },
  ExecutionSession: {
    fields: {
      ...rightful,
      executingNode: one('SchedulerService'),
      executionResult: one('ExecutionResult'),
      abortAt: 'date',
      retries: 'int',
      abortReason: { enum: 'ExecutionSession.abortReason' },
      app: one('App'),
      user: 'text',
      reloadTask: one('ReloadTask'),
      userSyncTask: one('Task'),
      externalProgramTask: one('Task'),
    },
    condensed: ['id', 'privileges', 'executingNode', 'executionResult', 'abortAt', 'retries', 'abortReason', 'app', 'user', 'reloadTask'],
  },
  ReloadTask: { fields: reloadTask, condensed: [...taskHead, 'privileges', 'operational'] },
  ReloadTaskOperational: {
    fields: { id: 'guid', privileges: 'privileges', lastExecutionResult: one('ExecutionResult'), nextExecution: 'date' },
    condensed: ['id', 'privileges', 'lastExecutionResult', 'nextExecution'],
  },
  SchedulerService: { fields: { id: 'guid', privileges: 'privileges' }, condensed: ['id', 'privileges'] },
  Stream: {
    fields: { ...rightful, customProperties: many('CustomPropertyValue', 'full'), owner: one('User'), name: 'text', tags: many('Tag') },
    condensed: ['id', 'privileges', 'name'],
  },
  Tag: { fields: { ...rightful, name: 'text' }, condensed: ['id', 'privileges', 'name'] },
  // `GET /task` lists tasks of every kind; ours are all reload tasks.
  Task: { fields: reloadTask, condensed: taskHead },
  User: {
    fields: {
      id: 'guid',
      privileges: 'privileges',
      userId: 'text',
      userDirectory: 'text',
      userDirectoryConnectorName: 'text',
      name: 'text',
    },
    condensed: ['id', 'privileges', 'userId', 'userDirectory', 'userDirectoryConnectorName', 'name'],
  },
}

/** Tells a field that leads to other entities. */
export function isReference(field: Field): field is Reference {
  return typeof field === 'object' && 'type' in field
}
