// The client
export { createSense, type Qrs, type Sense, type SenseOptions } from './sense.js'
export type { CertificateAuth, LoginProof, LoginSite, ProxyAuth, SenseAuth, VirtualProxyOptions } from './auth/auth.js'
export { certificate, type CertificateFolder, type CertificatePfx, type CertificateText } from './auth/certificate.js'
export { header, type HeaderOptions } from './auth/header.js'
export { jwt, type JwtOptions } from './auth/jwt.js'
export { session, type SessionOptions } from './auth/session.js'
export { ticket, type TicketOptions } from './auth/ticket.js'

// The repository service (QRS)
export { q, type FilterLiteral, type FilterTag, type FilterValue, type QrsFilter } from './qrs/filter.js'
export type { About } from './qrs/about.js'
export type { DraftCustomProperty, DraftTag, EntityDraft, QrsEntities, QrsReads } from './qrs/entities.js'
export type { EntityFields } from './qrs/entity-fields.js'
export type { QrsCallOptions, QrsChangeOptions, QrsCountOptions, QrsListOptions, QrsPagesOptions } from './qrs/list-options.js'
export type { CustomProperty, Named } from './qrs/fields.js'
export type { App, AppCopyOptions, AppDraft, QrsApps } from './qrs/apps.js'
export type {
  AppExport,
  AppExportOptions,
  AppSource,
  AppTransfer,
  AppTransferOptions,
  AppUpload,
  AppFileOptions,
  AppImportOptions,
  AppUploadOptions,
} from './qrs/app-files.js'
export type { TaskDefinition, TaskDraft, TaskFields } from './qrs/task-fields.js'
export type { QrsReloadTasks, ReloadTask, ReloadTaskDefinition } from './qrs/reload-tasks.js'
export type {
  ExternalProgramTask,
  ExternalProgramTaskDefinition,
  ExternalProgramTaskDraft,
  QrsExternalProgramTasks,
} from './qrs/external-program-tasks.js'
export type { QrsUserSyncTasks, UserSyncTask, UserSyncTaskDefinition } from './qrs/user-sync-tasks.js'
export { DaylightSavingTime, ScheduleIncrement, type Schedule, type ScheduleDefinition } from './qrs/schedule.js'
export type { ChainDefinition, QrsTriggers, Trigger, TriggerDefinition } from './qrs/triggers.js'
export type { ExecutionResult, QrsExecutionResults } from './qrs/execution-results.js'
export type { QrsStreams, Stream } from './qrs/streams.js'
export type { QrsTags } from './qrs/tags.js'
export type { CustomPropertyDefinition, CustomPropertyDraft, QrsCustomProperties } from './qrs/custom-properties.js'
export type { QrsUsers, User } from './qrs/users.js'
export type { ServiceStatus } from './qrs/service-status.js'
export type { AccessUse, Licence } from './qrs/licence.js'
export type { Change, ChangeKind, ChangeSubscription, SubscribeOptions } from './qrs/changes.js'
export type { CheckedOptions, RawOptions, RawQrs } from './qrs/raw.js'

// Tasks and their runs
export type { TaskAllowList } from './tasks/policy.js'
export type { FinishedTask, FollowTaskOptions, StartedTask, StartManyOptions, StartOptions, Tasks } from './tasks/start.js'
export type { TaskGroup, TaskTarget } from './tasks/task.js'
export type { Run, RunFinishOptions, RunStep, RunWaitOptions, ScriptLogOptions } from './tasks/run.js'
export type { AbortedRun, FailedRun, RunAttempt, RunOutcome, RunResult, SkippedRun, SucceededRun } from './tasks/result.js'
export type { FinalStatus, RunStatus } from './tasks/status.js'
export type { ExecutionDetail, ExecutionSummary } from './qrs/executions.js'

// The engine
export type { Apps, Engine, EngineDoc, OpenAppOptions } from './engine/engine.js'
export type { EngineApp, EngineAppLayout, EngineDataConnection, EngineObjectInfo } from './engine/engine-app.js'
export type { EngineCallOptions } from './engine/connection.js'
export type { EnigmaObject } from './engine/enigma.js'
export type { AppReloadOptions, AppReloadProgress, AppReloadResult } from './engine/app-reload.js'
export type { AppDump, AppDumpOptions } from './engine/app-dump.js'
export type { HypercubeDefinition, HypercubeOptions, HypercubeValue } from './engine/hypercube.js'

// Health
export type { Health, NodeOptions } from './health/health.js'
export type { EngineHealth } from './health/engine-health.js'
export type { UserSession, UserSessionsOptions } from './health/user-sessions.js'
export type { HealthSample, HealthState, WatchHealthOptions } from './health/watch.js'

// Errors
export { EngineError, type EngineErrorCode, type EngineErrorOptions } from './engine/engine-error.js'
export {
  FilterError,
  QrsError,
  SenseError,
  TaskError,
  type QrsErrorCode,
  type RequestError,
  type RequestErrorOptions,
  type SenseErrorCode,
  type TaskErrorCode,
  type TaskErrorOptions,
} from './errors.js'

// QRS on the wire
export type * from './qrs/wire.js'
export { AbortReason, AppAvailabilityStatus, ExecutionResultDetailType, NodeType, TaskExecutionStatus, TaskType } from './qrs/enums.js'
