import { z } from 'zod'
import { QrsError } from '../errors.js'
import type { QrsClient } from './client.js'
import { AbortReason, TaskExecutionStatus } from './enums.js'
import { boxedText, optional, toDate, toReference } from './fields.js'
import { q } from './filter.js'

/** One line of what the scheduler noted about an attempt. */
export interface ExecutionDetail {
  readonly at: Date | undefined
  readonly message: string
}

/** One attempt of one run, as QRS keeps it. */
export interface ExecutionSummary {
  /** The execution result's GUID. */
  readonly id: string
  /** A number of `TaskExecutionStatus`, or one that a newer Sense has added. */
  readonly status: number
  readonly startedAt: Date | undefined
  /** `undefined` until it is over, and for some seconds after. */
  readonly stoppedAt: Date | undefined
  /** 0 until it is over, and for some seconds after. */
  readonly durationMs: number
  /** The node that reloaded; `undefined` where QRS does not say. */
  readonly node: string | undefined
  /** Oldest first. */
  readonly details: readonly ExecutionDetail[]
  /** GUID of the script log; `undefined` for none. QRS's own `scriptLogAvailable` is false even where there is one. */
  readonly fileReferenceId: string | undefined
}

/** A run while it lasts. */
export interface ExecutionSession {
  readonly status: number
  readonly node: string | undefined
  readonly abortReason: number
}

/** The fields that the condensed and the full execution result share. */
export const executionWire = z.object({
  id: z.string(),
  status: z.number(),
  startTime: optional(z.string()),
  stopTime: optional(z.string()),
  duration: z.number(),
  executingNodeName: optional(z.string()),
  details: optional(z.array(z.object({ message: optional(z.string()), detailCreatedDate: optional(z.string()) }))),
  fileReferenceID: optional(z.string()),
})

const executionsWire = z.array(executionWire)

/** `GET /qrs/executionsession/{id}`. */
export const sessionWire = z.object({
  executionResult: optional(z.object({ status: z.number(), executingNodeName: optional(z.string()) })),
  abortReason: optional(z.number()),
})

const sessionIds = z.array(z.object({ id: z.guid() }))

/** How runs show in QRS. All calls take the session's GUID that starting the task gave. */
export interface Executions {
  /** The run while it lasts; `undefined` once it is over, as QRS then deletes the session. */
  session(executionId: string, signal?: AbortSignal): Promise<ExecutionSession | undefined>
  /** The run's attempts, oldest first: several when the task was retried, none for some seconds after the end. */
  attempts(executionId: string, signal?: AbortSignal): Promise<ExecutionSummary[]>
  /** GUIDs of the sessions that a task has now. */
  sessionsOf(taskId: string, signal?: AbortSignal): Promise<string[]>
  /** Ids of the results that a task has, of all its runs. */
  runsOf(taskId: string, signal?: AbortSignal): Promise<string[]>
  /** Stops whatever run the task has now. */
  stop(taskId: string, signal?: AbortSignal): Promise<void>
  /** Text of an attempt's script log; `undefined` while QRS does not have it. */
  scriptLog(
    taskId: string,
    attempt: { readonly id: string; readonly fileReferenceId: string },
    signal?: AbortSignal,
  ): Promise<string | undefined>
}

/**
 * Execution sessions, results and script logs, through one client. Transient failures while following are left to the caller, who asks
 * again anyway.
 */
export function createExecutions(client: QrsClient): Executions {
  return {
    async session(executionId, signal) {
      const request = { path: `/qrs/executionsession/${executionId}`, signal, retry: false }
      const session = await unlessMissing(client.json(request, sessionWire))
      return session && toExecutionSession(session)
    },

    async attempts(executionId, signal) {
      // The condensed list lacks executionID. "Last result of the task" would be wrong: somebody else may have started it since.
      const filter = q`executionID eq ${q.guid(executionId)}`
      const rows = await client.json({ path: '/qrs/executionresult/full', filter, signal, retry: false }, executionsWire)
      return rows.map(toExecutionSummary).toSorted((a, b) => timeOf(a.startedAt) - timeOf(b.startedAt))
    },

    async sessionsOf(taskId, signal) {
      const task = q.guid(taskId)
      const filter = q`reloadTask.id eq ${task} or externalProgramTask.id eq ${task} or userSyncTask.id eq ${task}`
      const sessions = await client.json({ path: '/qrs/executionsession/full', filter, signal }, sessionIds)
      return sessions.map(({ id }) => id.toLowerCase())
    },

    async runsOf(taskId, signal) {
      const filter = q`taskID eq ${q.guid(taskId)}`
      const rows = await client.json({ path: '/qrs/executionresult/full', filter, signal }, z.array(z.object({ executionID: z.string() })))
      return [...new Set(rows.map(({ executionID }) => executionID.toLowerCase()))]
    },

    async stop(taskId, signal) {
      await client.text({ method: 'POST', path: `/qrs/task/${taskId}/stop`, signal })
    },

    async scriptLog(taskId, attempt, signal) {
      const ticket = (await ticketByResult(taskId, attempt.id, signal)) ?? (await ticketByFile(taskId, attempt.fileReferenceId, signal))
      if (ticket === undefined) return undefined
      // The file's name is ours to choose.
      return unlessMissing(client.text({ path: `/qrs/download/reloadtask/${encodeURIComponent(ticket)}/script.log`, signal }))
    },
  }

  function ticketByResult(taskId: string, executionResultId: string, signal: AbortSignal | undefined) {
    const path = `/qrs/reloadtask/${taskId}/scriptlogfile`
    return unlessMissing(client.json({ path, query: { executionResultId }, signal }, boxedText))
  }

  /** Deprecated since May 2025, and the only way before. */
  function ticketByFile(taskId: string, fileReferenceId: string, signal: AbortSignal | undefined) {
    const path = `/qrs/reloadtask/${taskId}/scriptlog`
    return unlessMissing(client.json({ path, query: { fileReferenceId }, signal }, boxedText))
  }
}

/** Our form of one execution result. */
export function toExecutionSummary(row: z.output<typeof executionWire>): ExecutionSummary {
  const details = row.details?.map((detail) => ({ at: toDate(detail.detailCreatedDate), message: detail.message ?? '' })) ?? []
  return {
    id: row.id.toLowerCase(),
    status: row.status,
    startedAt: toDate(row.startTime),
    stoppedAt: toDate(row.stopTime),
    durationMs: row.duration,
    node: row.executingNodeName || undefined,
    details: details.toSorted((a, b) => timeOf(a.at) - timeOf(b.at)),
    fileReferenceId: toReference(row.fileReferenceID),
  }
}

/** Our form of one execution session. */
export function toExecutionSession({ executionResult, abortReason }: z.output<typeof sessionWire>): ExecutionSession {
  return {
    status: executionResult?.status ?? TaskExecutionStatus.Triggered,
    node: executionResult?.executingNodeName || undefined,
    abortReason: abortReason ?? AbortReason.Undefined,
  }
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof QrsError && error.status === 404) return undefined
    throw error
  }
}

/** What has no date yet is the newest. */
function timeOf(at: Date | undefined): number {
  return at?.getTime() ?? Number.MAX_SAFE_INTEGER
}
