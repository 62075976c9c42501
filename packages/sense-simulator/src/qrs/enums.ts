/** The enumerations of the types we serve, as QRS numbers them. Checked against `test/facts/qrs-enums.json`. */
export const enums = {
  TaskExecutionStatus: {
    NeverStarted: 0,
    Triggered: 1,
    Started: 2,
    Queued: 3,
    AbortInitiated: 4,
    Aborting: 5,
    Aborted: 6,
    FinishedSuccess: 7,
    FinishedFail: 8,
    Skipped: 9,
    Retry: 10,
    Error: 11,
    Reset: 12,
    DistributionQueue: 13,
    DistributionRunning: 14,
  },
  'ReloadTask.taskType': { Reload: 0, ExternalProgram: 1, UserSync: 2, Distribute: 3 },
  'ExternalProgramTask.taskType': { Reload: 0, ExternalProgram: 1, UserSync: 2, Distribute: 3 },
  'Task.taskType': { Reload: 0, ExternalProgram: 1, UserSync: 2, Distribute: 3 },
  'SchemaEvent.eventType': { Schema: 0, Composite: 1 },
  'CompositeEvent.eventType': { Schema: 0, Composite: 1 },
  'SchemaEvent.daylightSavingTime': { ObserveDaylightSavingTime: 0, PermanentStandardTime: 1, PermanentDaylightSavingTime: 2 },
  'SchemaEvent.incrementOption': { once: 0, hourly: 1, daily: 2, weekly: 3, monthly: 4, custom: 5 },
  'CompositeEventRule.ruleState': { Undefined: 0, TaskSuccessful: 1, TaskFail: 2 },
  'TableDefinitionColumn.columnType': { Undefined: 0, Property: 1, Function: 2, List: 3, Privileges: 4 },
  'ServiceStatus.serviceType': { Repository: 0, Proxy: 1, Scheduler: 2, Engine: 3, AppMigration: 4, Printing: 5 },
  'ServiceStatus.serviceState': {
    Initializing: 0,
    CertificatesNotInstalled: 1,
    Running: 2,
    NoCommunication: 3,
    Disabled: 4,
    Unknown: 5,
  },
  ChangeType: { Undefined: 0, Add: 1, Update: 2, Delete: 3 },
  'ExecutionSession.abortReason': { Undefined: 0, Manual: 1, Timeout: 2, DeletedTask: 3 },
  'ExecutionResultDetail.detailsType': { Error: 0, Warning: 1, Information: 2 },
  AppAvailabilityStatus: { NotApplicable: 0, Available: 1, NoActiveRoute: 2, NoConfiguredRoute: 3, NotSynced: 4, NotMigrated: 5 },
} as const

/** Names one of {@link enums}. */
export type EnumName = keyof typeof enums

/** How far a run has come, by name and by number. */
export const Status = enums.TaskExecutionStatus
/** A number of {@link Status}. */
export type Status = (typeof Status)[keyof typeof Status]
/** A name of {@link Status}. */
export type StatusName = keyof typeof Status
