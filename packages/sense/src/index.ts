// QRS on the wire
export type * from './qrs/wire.js'
export { AbortReason, AppAvailabilityStatus, ExecutionResultDetailType, NodeType, TaskExecutionStatus, TaskType } from './qrs/enums.js'
