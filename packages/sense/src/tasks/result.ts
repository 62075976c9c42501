import { AbortReason } from '../qrs/enums.js'
import type { ExecutionDetail, ExecutionSummary } from '../qrs/executions.js'
import { toRunStatus, type FinalStatus, type RunStatus } from './status.js'

/** One attempt of a run. */
export interface RunAttempt extends Omit<ExecutionSummary, 'status'> {
  readonly status: RunStatus
  /** The same in Sense's own terms: QRS's number, a `TaskExecutionStatus`, or Qlik Cloud's word. */
  readonly rawStatus: number | string
}

/** What every run has at its end. Times, node and details are those of the last attempt, which is the one that counts. */
export interface RunOutcome {
  readonly task: { readonly id: string; readonly name: string }
  /** GUID of the execution session; on Qlik Cloud, the reload's id. */
  readonly executionId: string
  /** `undefined` for a run that was skipped or aborted before it began. */
  readonly startedAt: Date | undefined
  readonly stoppedAt: Date | undefined
  readonly durationMs: number
  readonly node: string | undefined
  /** What Sense noted, oldest first. */
  readonly details: readonly ExecutionDetail[]
  /** Every attempt, oldest first: more than one when the task was retried. */
  readonly attempts: readonly RunAttempt[]
}

/** The reload succeeded. */
export interface SucceededRun extends RunOutcome {
  readonly status: 'success'
}

/** The reload failed, in its last attempt too. */
export interface FailedRun extends RunOutcome {
  readonly status: 'failed'
}

/** The reload was stopped. */
export interface AbortedRun extends RunOutcome {
  readonly status: 'aborted'
  /** By somebody, by the task's own time limit, or with its task; `undefined` where Sense did not say before it ended, on Qlik Cloud always. */
  readonly reason: 'manual' | 'timeout' | 'task-deleted' | undefined
}

/** The scheduler did not run it after all. */
export interface SkippedRun extends RunOutcome {
  readonly status: 'skipped'
}

/** How a run ended: told apart by `status`. */
export type RunResult = SucceededRun | FailedRun | AbortedRun | SkippedRun

const abortReasons: Readonly<Record<number, AbortedRun['reason']>> = {
  [AbortReason.Manual]: 'manual',
  [AbortReason.Timeout]: 'timeout',
  [AbortReason.DeletedTask]: 'task-deleted',
}

/** Facts a result is made of. */
export interface ResultFacts {
  readonly task: RunOutcome['task']
  readonly executionId: string
  readonly status: FinalStatus
  /** At least one, oldest first. */
  readonly attempts: readonly ExecutionSummary[]
  /** As the session last had it: a number of `AbortReason`. */
  readonly abortReason: number
}

/** Puts a result together. */
export function toResult({ task, executionId, status, attempts, abortReason }: ResultFacts): RunResult {
  const last = attempts.at(-1)
  const outcome: RunOutcome = {
    task,
    executionId,
    startedAt: last?.startedAt,
    stoppedAt: last?.stoppedAt,
    durationMs: last?.durationMs ?? 0,
    node: last?.node,
    details: last?.details ?? [],
    attempts: attempts.map(toAttempt),
  }
  return status === 'aborted' ? { ...outcome, status, reason: abortReasons[abortReason] } : { ...outcome, status }
}

/**
 * Whether QRS has written all of an attempt that is over. For some seconds it can lack the stop time, the duration and the last detail.
 *
 * @see Butler 16, which asks up to five times a second apart
 */
export function isSettled(attempt: ExecutionSummary): boolean {
  const hasLastDetail = attempt.details.some(({ message }) => / to (?:Finished|Aborted|Skipped|Error|Reset)/.test(message))
  return attempt.stoppedAt !== undefined && attempt.durationMs > 0 && hasLastDetail
}

function toAttempt({ status, ...attempt }: ExecutionSummary): RunAttempt {
  return { ...attempt, status: toRunStatus(status) ?? 'started', rawStatus: status }
}
