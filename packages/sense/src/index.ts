// The client
export { createSense, type Qrs, type Sense, type SenseOptions } from './sense.js'
export { certificate, type CertificateFolder, type CertificateText, type SenseAuth } from './auth/certificate.js'

// The repository service (QRS)
export { q, type FilterLiteral, type FilterTag, type FilterValue, type QrsFilter } from './qrs/filter.js'
export type { About } from './qrs/about.js'
export type { App, QrsApps } from './qrs/apps.js'
export type { CustomProperty, Named } from './qrs/fields.js'
export type { QrsListOptions } from './qrs/list-options.js'
export type { QrsReloadTasks, ReloadTask } from './qrs/reload-tasks.js'

// Tasks and their runs
export type { TaskAllowList } from './tasks/policy.js'
export type { StartOptions, Tasks } from './tasks/start.js'
export type { TaskTarget } from './tasks/task.js'
export type { Run, RunStep, RunWaitOptions, ScriptLogOptions } from './tasks/run.js'
export type { AbortedRun, FailedRun, RunAttempt, RunOutcome, RunResult, SkippedRun, SucceededRun } from './tasks/result.js'
export type { FinalStatus, RunStatus } from './tasks/status.js'
export type { ExecutionDetail, ExecutionSummary } from './qrs/executions.js'

// Errors
export {
  FilterError,
  QrsError,
  SenseError,
  TaskError,
  type QrsErrorCode,
  type QrsErrorOptions,
  type SenseErrorCode,
  type TaskErrorCode,
  type TaskErrorOptions,
} from './errors.js'

// QRS on the wire
export type * from './qrs/wire.js'
export { AbortReason, AppAvailabilityStatus, ExecutionResultDetailType, NodeType, TaskExecutionStatus, TaskType } from './qrs/enums.js'
