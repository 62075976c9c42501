import { AbortReason, TaskType } from '../qrs/enums.js'
import type { Executions } from '../qrs/executions.js'
import { isSettled, toResult } from './result.js'
import type { RunSource } from './run-source.js'
import { isFinal, toRunStatus } from './status.js'
import type { Task } from './task.js'

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
      const attempts = await executions.attempts(executionId, signal)
      const last = attempts.at(-1)
      const status = last && toRunStatus(last.status)
      if (last === undefined || !isFinal(status)) return { isOver: true, result: undefined, isSettled: false }
      const result = toResult({ task: { id, name }, executionId, status, attempts, abortReason })
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
