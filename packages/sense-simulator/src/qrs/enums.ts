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
