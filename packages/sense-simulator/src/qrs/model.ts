import type { EntityType, Field, Reference, TypeName, View } from './entity-type.js'

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

const task = {
  ...rightful,
  customProperties: many('CustomPropertyValue', 'full'),
  name: 'text',
  taskType: { enum: 'Task.taskType' },
  enabled: 'bool',
  taskSessionTimeout: 'int',
  maxRetries: 'int',
  tags: many('Tag'),
} as const satisfies Record<string, Field>

const reloadTask = {
  ...task,
  app: one('App'),
  isManuallyTriggered: 'bool',
  operational: one('ReloadTaskOperational'),
  isPartialReload: 'bool',
} as const satisfies Record<string, Field>

const operational = {
  id: 'guid',
  privileges: 'privileges',
  lastExecutionResult: one('ExecutionResult'),
  nextExecution: 'date',
} as const satisfies Record<string, Field>

const triggered = {
  reloadTask: one('ReloadTask'),
  userSyncTask: one('UserSyncTask'),
  externalProgramTask: one('ExternalProgramTask'),
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
  CompositeEvent: {
    fields: {
      ...rightful,
      name: 'text',
      enabled: 'bool',
      eventType: { enum: 'CompositeEvent.eventType' },
      ...triggered,
      timeConstraint: one('CompositeEventTimeConstraint'),
      compositeRules: many('CompositeEventRule', 'full'),
      operational: one('CompositeEventOperational'),
    },
    condensed: ['id', 'privileges', 'name', 'enabled', 'eventType', ...Object.keys(triggered)],
  },
  CompositeEventOperational: {
    fields: { id: 'guid', privileges: 'privileges', timesTriggered: 'int' },
    condensed: ['id', 'privileges', 'timesTriggered'],
  },
  CompositeEventRule: {
    fields: { id: 'guid', ruleState: { enum: 'CompositeEventRule.ruleState' }, ...triggered },
    condensed: [],
  },
  CompositeEventTimeConstraint: {
    fields: { days: 'int', hours: 'int', minutes: 'int', seconds: 'int' },
    condensed: ['days', 'hours', 'minutes', 'seconds'],
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
      ...triggered,
    },
    condensed: ['id', 'privileges', 'executingNode', 'executionResult', 'abortAt', 'retries', 'abortReason', 'app', 'user', 'reloadTask'],
  },
  ExternalProgramTask: {
    fields: { ...task, path: 'text', parameters: 'text', qlikUser: one('User'), operational: one('ExternalProgramTaskOperational') },
    condensed: [...taskHead, 'privileges', 'operational'],
  },
  ExternalProgramTaskOperational: { fields: operational, condensed: Object.keys(operational) },
  ReloadTask: { fields: reloadTask, condensed: [...taskHead, 'privileges', 'operational'] },
  ReloadTaskOperational: { fields: operational, condensed: Object.keys(operational) },
  SchedulerService: { fields: { id: 'guid', privileges: 'privileges' }, condensed: ['id', 'privileges'] },
  SchemaEvent: {
    fields: {
      ...rightful,
      name: 'text',
      enabled: 'bool',
      eventType: { enum: 'SchemaEvent.eventType' },
      ...triggered,
      timeZone: 'text',
      daylightSavingTime: { enum: 'SchemaEvent.daylightSavingTime' },
      startDate: 'date',
      expirationDate: 'date',
      schemaFilterDescription: { list: 'text' },
      incrementDescription: 'text',
      incrementOption: { enum: 'SchemaEvent.incrementOption' },
      operational: one('SchemaEventOperational'),
    },
    condensed: ['id', 'privileges', 'name', 'enabled', 'eventType', ...Object.keys(triggered)],
  },
  SchemaEventOperational: {
    fields: { id: 'guid', privileges: 'privileges', nextExecution: 'date', timesTriggered: 'int' },
    condensed: ['id', 'privileges', 'nextExecution', 'timesTriggered'],
  },
  Stream: {
    fields: { ...rightful, customProperties: many('CustomPropertyValue', 'full'), owner: one('User'), name: 'text', tags: many('Tag') },
    condensed: ['id', 'privileges', 'name'],
  },
  Tag: { fields: { ...rightful, name: 'text' }, condensed: ['id', 'privileges', 'name'] },
  // `GET /task` lists tasks of every kind; the fields of one kind are null in the others, and filters pass over them.
  Task: {
    fields: { ...reloadTask, path: 'text', parameters: 'text', qlikUser: one('User'), userDirectory: one('UserDirectory') },
    condensed: taskHead,
  },
  User: {
    fields: {
      ...rightful,
      customProperties: many('CustomPropertyValue', 'full'),
      userId: 'text',
      userDirectory: 'text',
      userDirectoryConnectorName: 'text',
      name: 'text',
      roles: { list: 'text' },
      attributes: many('UserAttribute', 'full'),
      inactive: 'bool',
      removedExternally: 'bool',
      blacklisted: 'bool',
      deleteProhibited: 'bool',
      tags: many('Tag'),
    },
    condensed: ['id', 'privileges', 'userId', 'userDirectory', 'userDirectoryConnectorName', 'name'],
  },
  UserDirectory: {
    fields: {
      ...rightful,
      name: 'text',
      type: 'text',
      userDirectoryName: 'text',
      configured: 'bool',
      operational: 'bool',
      syncOnlyLoggedInUsers: 'bool',
      syncStatus: 'int',
      syncLastStarted: 'date',
      syncLastSuccessfulEnded: 'date',
      configuredError: 'text',
      operationalError: 'text',
      tags: many('Tag'),
      creationType: 'int',
      settings: { list: 'text' },
    },
    condensed: ['id', 'privileges', 'name', 'type'],
  },
  UserSyncTask: {
    fields: { ...task, userDirectory: one('UserDirectory'), operational: one('UserSyncTaskOperational') },
    condensed: [...taskHead, 'privileges', 'operational'],
  },
  UserSyncTaskOperational: { fields: operational, condensed: Object.keys(operational) },
  UserAttribute: { fields: { attributeType: 'text', attributeValue: 'text', externalId: 'text' }, condensed: [] },
}
