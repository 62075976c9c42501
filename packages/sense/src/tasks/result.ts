import type { ExecutionDetail, ExecutionSummary } from '../qrs/executions.js'
import type { FinalStatus, RunStatus } from './status.js'

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

/** Facts a result is made of. */
export interface ResultFacts extends Pick<RunOutcome, 'task' | 'executionId' | 'attempts'> {
  readonly status: FinalStatus
  readonly reason: AbortedRun['reason']
}

/** Puts a result together. */
export function toResult({ task, executionId, status, attempts, reason }: ResultFacts): RunResult {
  const last = attempts.at(-1)
  const outcome: RunOutcome = {
    task,
    executionId,
    startedAt: last?.startedAt,
    stoppedAt: last?.stoppedAt,
    durationMs: last?.durationMs ?? 0,
    node: last?.node,
    details: last?.details ?? [],
    attempts,
  }
  return status === 'aborted' ? { ...outcome, status, reason } : { ...outcome, status }
}
