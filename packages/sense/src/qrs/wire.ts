import type { AppAvailabilityStatus, ExecutionResultDetailType, NodeType, TaskExecutionStatus, TaskType, AbortReason } from './enums.js'

/**
 * QRS JSON as it is on the wire, QRS API 38.22.0. A GUID is lower-case text and the empty one means none; a date is ISO 8601 in UTC with
 * milliseconds and 1753-01-01 means none. What the client hands to users has neither: this is for those who talk to QRS directly.
 */
export interface WireEntity {
  readonly id: string
  readonly createdDate: string
  readonly modifiedDate: string
  /** `DIRECTORY\user`. */
  readonly modifiedByUserName: string
  /** The entity's type, such as `ReloadTask`. */
  readonly schemaPath: string
}

/** Rights of the calling user, asked for with `privileges=true`; null otherwise. */
export interface WirePrivileges {
  readonly privileges: readonly string[] | null
}

/** A scalar in an answer's body: a count, an execution session's id, a script log's ticket. The specification leaves out the box. */
export interface WireBoxed<Value> {
  readonly value: Value
}

/** `GET /about`. */
export interface WireAbout {
  readonly schemaPath: string
  /** Version of the repository service, not of the product. */
  readonly buildVersion: string
  /** The same constant in every version seen since 2016. */
  readonly buildDate: string
  readonly databaseProvider: string
  readonly nodeType: NodeType
  readonly sharedPersistence: boolean
  readonly requiresBootstrap: boolean
  readonly singleNodeOnly: boolean
}

/** A user, as other entities show it. */
export interface WireUserCondensed extends WirePrivileges {
  readonly id: string
  readonly userId: string
  readonly userDirectory: string
  readonly userDirectoryConnectorName: string
  readonly name: string
}

/** A tag, as other entities and `GET /tag` show it. */
export interface WireTagCondensed extends WirePrivileges {
  readonly id: string
  readonly name: string
}

/** A tag: `GET /tag/full`. */
export interface WireTag extends WireEntity, WireTagCondensed {}

/** A stream, as other entities and `GET /stream` show it. */
export interface WireStreamCondensed extends WirePrivileges {
  readonly id: string
  readonly name: string
}

/** A stream: `GET /stream/full`. */
export interface WireStream extends WireEntity, WireStreamCondensed {
  readonly customProperties: readonly WireCustomPropertyValue[]
  readonly owner: WireUserCondensed
  readonly tags: readonly WireTagCondensed[]
}

/** A custom property, as its values and `GET /custompropertydefinition` show it. */
export interface WireCustomPropertyDefinitionCondensed extends WirePrivileges {
  readonly id: string
  readonly name: string
  readonly valueType: string
  readonly choiceValues: readonly string[]
}

/** A custom property: `GET /custompropertydefinition/full`. */
export interface WireCustomPropertyDefinition extends WireEntity, WireCustomPropertyDefinitionCondensed {
  /** What it may be set on: `App`, `ReloadTask`, `Stream`, `User` and others. */
  readonly objectTypes: readonly string[]
  readonly description: string
}

/** One value of one custom property of an entity. */
export interface WireCustomPropertyValue extends WireEntity {
  readonly value: string
  readonly definition: WireCustomPropertyDefinitionCondensed
}

/** An app, as other entities and `GET /app` show it. */
export interface WireAppCondensed extends WirePrivileges {
  readonly id: string
  readonly name: string
  readonly appId: string
  readonly publishTime: string
  readonly published: boolean
  /** Null while not published. */
  readonly stream: WireStreamCondensed | null
  readonly savedInProductVersion: string
  readonly migrationHash: string
  readonly availabilityStatus: AppAvailabilityStatus
}

/** An app: `GET /app/full`. */
export interface WireApp extends WireEntity, WireAppCondensed {
  readonly customProperties: readonly WireCustomPropertyValue[]
  readonly owner: WireUserCondensed
  readonly sourceAppId: string
  readonly targetAppId: string
  readonly tags: readonly WireTagCondensed[]
  readonly description: string
  /** Bytes. */
  readonly fileSize: number
  /** End of the last successful reload. */
  readonly lastReloadTime: string
  readonly thumbnail: string
  readonly dynamicColor: string
  /** Only on sites that distribute data. */
  readonly lastDataDistribution?: string
}

/** What a reload task's scheduler knows of it. */
export interface WireReloadTaskOperational extends WirePrivileges {
  readonly id: string
  readonly lastExecutionResult: WireExecutionResultCondensed
  readonly nextExecution: string
}

/** A reload task, as other entities and `GET /reloadtask` show it. */
export interface WireReloadTaskCondensed extends WirePrivileges {
  readonly id: string
  readonly name: string
  readonly taskType: TaskType
  readonly enabled: boolean
  /** Minutes. */
  readonly taskSessionTimeout: number
  /** 0 to 20. */
  readonly maxRetries: number
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

/** A user: `GET /user/full`. */
export interface WireUser extends WireEntity, WireUserCondensed {
  readonly customProperties: readonly WireCustomPropertyValue[]
  readonly roles: readonly string[]
  readonly attributes: readonly { readonly attributeType: string; readonly attributeValue: string; readonly externalId: string }[]
  readonly inactive: boolean
  readonly removedExternally: boolean
  readonly blacklisted: boolean
  readonly deleteProhibited: boolean
  readonly tags: readonly WireTagCondensed[]
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

/** What triggers have in common. */
export interface WireEvent extends WireEntity, WirePrivileges {
  readonly name: string
  readonly enabled: boolean
  readonly reloadTask: WireReloadTaskCondensed | null
  readonly userSyncTask: WireTaskCondensed | null
  readonly externalProgramTask: WireTaskCondensed | null
}

/** What a trigger's scheduler knows of it. */
export interface WireSchemaEventOperational extends WirePrivileges {
  readonly id: string
  readonly nextExecution: string
  readonly timesTriggered: number
}

/** A trigger by time: `GET /schemaevent/full`. */
export interface WireSchemaEvent extends WireEvent {
  /** 0. */
  readonly eventType: number
  readonly timeZone: string
  /** 0 observes it, 1 permanent standard time, 2 permanent daylight saving time. */
  readonly daylightSavingTime: number
  readonly startDate: string
  /** `9999-12-31…` for never. */
  readonly expirationDate: string
  readonly schemaFilterDescription: readonly string[]
  /** Minutes, hours, days and weeks between two executions: `0 0 1 0`. */
  readonly incrementDescription: string
  /** 0 once, 1 hourly, 2 daily, 3 weekly, 4 monthly, 5 custom. */
  readonly incrementOption: number
  readonly operational: WireSchemaEventOperational
}

/** One condition of a trigger by other tasks. */
export interface WireCompositeEventRule {
  readonly id: string
  /** 1 the task succeeds, 2 it fails. */
  readonly ruleState: number
  readonly reloadTask: WireReloadTaskCondensed | null
  readonly userSyncTask: WireTaskCondensed | null
  readonly externalProgramTask: WireTaskCondensed | null
}

/** A trigger by other tasks: `GET /compositeevent/full`. */
export interface WireCompositeEvent extends WireEvent {
  /** 1. */
  readonly eventType: number
  /** Within which all conditions must come true; all zero for no limit. */
  readonly timeConstraint: { readonly days: number; readonly hours: number; readonly minutes: number; readonly seconds: number }
  readonly compositeRules: readonly WireCompositeEventRule[]
  readonly operational: { readonly id: string; readonly timesTriggered: number } & WirePrivileges
}

/** A set of entities to work on together: `POST /selection/{type}`. */
export interface WireSelection extends WireEntity, WirePrivileges {
  readonly items: readonly { readonly id: string; readonly type: string; readonly objectID: string; readonly objectName: string }[]
}

/** Answer of `POST /{type}/table`. */
export interface WireTable {
  readonly id: string
  readonly schemaPath: string
  readonly columnNames: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/** Answer of `POST /app/{id}/export/{token}`. */
export interface WireAppExport {
  readonly exportToken: string
  readonly appId: string
  /** At the root of the host, not below `/qrs`. */
  readonly downloadPath: string
  readonly cancelled: boolean
  readonly schemaPath: string
}

/** One element of what QRS posts to a subscriber of `POST /notification`. */
export interface WireChangeInfo {
  /** 1 added, 2 updated, 3 deleted. */
  readonly changeType: number
  readonly objectType: string
  readonly objectID: string
  readonly changedProperties: readonly string[]
  readonly engineID: string
  readonly engineType: string
  readonly originatorNodeID: string
  readonly originatorHostName: string
  readonly originatorContextID: string
  readonly createdDate: string
  readonly modifiedDate: string
  readonly schemaPath: string
}
