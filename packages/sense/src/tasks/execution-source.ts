import { AbortReason, TaskType } from '../qrs/enums.js'
import type { Executions, ExecutionSummary } from '../qrs/executions.js'
import { toResult, type AbortedRun, type RunAttempt } from './result.js'
import type { RunSource } from './run-source.js'
import { isFinal, toRunStatus } from './status.js'
import type { Task } from './task.js'

const abortReasons: Readonly<Record<number, AbortedRun['reason']>> = {
  [AbortReason.Manual]: 'manual',
  [AbortReason.Timeout]: 'timeout',
  [AbortReason.DeletedTask]: 'task-deleted',
}

/** A run as QRS shows it: by its session while there is one, by its results after that. */
export function createExecutionSource(executions: Executions, task: Task, executionId: string): RunSource {
  const { id, name } = task
  let abortReason: number = AbortReason.Undefined
  return {
    async look(signal) {
      const session = await executions.session(executionId, signal)
      if (session !== undefined) {
        abortReason = session.abortReason
        return { isOver: false, status: toRunStatus(session.status), node: session.node }
      }
      const rows = await executions.attempts(executionId, signal)
      const last = rows.at(-1)
      const status = last && toRunStatus(last.status)
      if (last === undefined || !isFinal(status)) return { isOver: true, result: undefined, isSettled: false }
      const attempts = rows.map(toAttempt)
      const result = toResult({ task: { id, name }, executionId, status, attempts, reason: abortReasons[abortReason] })
      return { isOver: true, result, isSettled: isSettled(last) }
    },

    async stop(signal) {
      // QRS stops tasks, not runs: without a session it would be somebody else's.
      if ((await executions.session(executionId, signal)) === undefined) return false
      await executions.stop(id, signal)
      return true
    },

    scriptLog({ attempts }) {
      const last = attempts.at(-1)
      if (task.taskType !== TaskType.Reload || last?.fileReferenceId === undefined) return undefined
      const attempt = { id: last.id, fileReferenceId: last.fileReferenceId }
      return (signal) => executions.scriptLog(id, attempt, signal)
    },
  }
}

/**
 * Whether QRS has written all of an attempt that is over. For some seconds it can lack the stop time, the duration and the last detail.
 *
 * @see Butler 16, which asks up to five times a second apart
 */
function isSettled(attempt: ExecutionSummary): boolean {
  const hasLastDetail = attempt.details.some(({ message }) => / to (?:Finished|Aborted|Skipped|Error|Reset)/.test(message))
  return attempt.stoppedAt !== undefined && attempt.durationMs > 0 && hasLastDetail
}

function toAttempt({ status, ...attempt }: ExecutionSummary): RunAttempt {
  return { ...attempt, status: toRunStatus(status) ?? 'started', rawStatus: status }
}
