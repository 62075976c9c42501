import { sleep, type Clock, type Logger } from '@butlerkit/core'
import { TaskType } from '../qrs/enums.js'
import type { Executions } from '../qrs/executions.js'
import { joinSignals } from '../signals.js'
import type { RunAttempt } from './result.js'
import type { Task } from './task.js'

/** Which script log to fetch, and with what. */
export interface FetchScriptLogOptions {
  readonly task: Task
  readonly attempt: RunAttempt | undefined
  readonly executions: Executions
  readonly clock: Clock
  readonly logger: Logger
  readonly closed: AbortSignal
  readonly signal: AbortSignal | undefined
}

/** A log is often not there right after the end: asked for again so many times, so far apart. @see Butler issue 1499 */
const retries = 3
const retryDelayMs = 2_000

/** The lines of one attempt's script log, or `undefined` if there is none. */
export async function fetchScriptLog(options: FetchScriptLogOptions): Promise<readonly string[] | undefined> {
  const { task, attempt, executions, clock, logger, closed, signal } = options
  if (task.taskType !== TaskType.Reload || attempt?.fileReferenceId === undefined) return undefined
  const { id, fileReferenceId } = attempt
  const life = joinSignals(signal, closed)
  try {
    for (let retry = 0; ; retry++) {
      const text = await executions.scriptLog(task.id, { id, fileReferenceId }, life.signal)
      if (text !== undefined) return toLines(text)
      if (retry === retries) break
      await sleep(clock, retryDelayMs, life.signal)
    }
  } finally {
    life.release()
  }
  logger.warn('script log not found', { taskId: task.id, executionResultId: id })
  return undefined
}

function toLines(text: string): string[] {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}
