/** How far a task's run has come: `ExecutionResult.status`. @see QRS 38.22.0, `GET /qrs/about/api/enums` */
export const TaskExecutionStatus = {
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
} as const
/** A number of {@link TaskExecutionStatus}. */
export type TaskExecutionStatus = (typeof TaskExecutionStatus)[keyof typeof TaskExecutionStatus]

/** What a task does. `Preload` is newer than QRS 38.22.0 and seen in Butler 16. */
export const TaskType = { Reload: 0, ExternalProgram: 1, UserSync: 2, Distribute: 3, Preload: 4 } as const
/** A number of {@link TaskType}. */
export type TaskType = (typeof TaskType)[keyof typeof TaskType]

/** Why a run was stopped: `ExecutionSession.abortReason`. */
export const AbortReason = { Undefined: 0, Manual: 1, Timeout: 2, DeletedTask: 3 } as const
/** A number of {@link AbortReason}. */
export type AbortReason = (typeof AbortReason)[keyof typeof AbortReason]

/** Weight of one line of `ExecutionResult.details`. */
export const ExecutionResultDetailType = { Error: 0, Warning: 1, Information: 2 } as const
/** A number of {@link ExecutionResultDetailType}. */
export type ExecutionResultDetailType = (typeof ExecutionResultDetailType)[keyof typeof ExecutionResultDetailType]

/** Whether the engines can open an app. */
export const AppAvailabilityStatus = {
  NotApplicable: 0,
  Available: 1,
  NoActiveRoute: 2,
  NoConfiguredRoute: 3,
  NotSynced: 4,
  NotMigrated: 5,
} as const
/** A number of {@link AppAvailabilityStatus}. */
export type AppAvailabilityStatus = (typeof AppAvailabilityStatus)[keyof typeof AppAvailabilityStatus]

/** What the answering node is: `About.nodeType`. */
export const NodeType = { Undefined: 0, Central: 1, Rim: 2 } as const
/** A number of {@link NodeType}. */
export type NodeType = (typeof NodeType)[keyof typeof NodeType]
