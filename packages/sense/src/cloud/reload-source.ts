import { isFinal } from '../tasks/status.js'
import { toResult, type RunAttempt } from '../tasks/result.js'
import type { RunSource } from '../tasks/run-source.js'
import type { Run } from '../tasks/run.js'
import type { CloudClient } from './client.js'
import { CloudError } from './errors.js'
import { reloadWire, toDetails, toReload } from './reload.js'

/** Path of one reload. Its id is Qlik's own text, so it is encoded. */
export function reloadPath(id: string): string {
  return `/api/v1/reloads/${encodeURIComponent(id)}`
}

/** A reload as Qlik Cloud shows it. Transient failures while looking are left to the caller, who looks again anyway. */
export function createReloadSource(client: CloudClient, task: Run['task'], executionId: string): RunSource {
  return {
    async look(signal) {
      const wire = await unless(404, client.json({ path: reloadPath(executionId), signal, retry: false }, reloadWire))
      if (wire === undefined) return { isOver: true, result: undefined, isSettled: false }
      const { id, status, rawStatus, startedAt, endedAt } = toReload(wire)
      if (!isFinal(status)) {
        // A status that is new to us, of a reload that has ended, will not change any more.
        if (status === undefined && endedAt !== undefined) return { isOver: true, result: undefined, isSettled: false }
        return { isOver: false, status, node: undefined }
      }
      const attempt: RunAttempt = {
        id,
        status,
        rawStatus,
        startedAt,
        stoppedAt: endedAt,
        durationMs: startedAt && endedAt ? endedAt.getTime() - startedAt.getTime() : 0,
        node: undefined,
        details: toDetails(wire),
        fileReferenceId: undefined,
      }
      const result = toResult({ task, executionId, status, attempts: [attempt], reason: undefined })
      return { isOver: true, result, isSettled: endedAt !== undefined }
    },

    async stop(signal) {
      // 409: it has ended meanwhile.
      const request = { method: 'POST', path: `${reloadPath(executionId)}/actions/cancel`, signal } as const
      return (await unless(409, client.text(request))) !== undefined
    },

    scriptLog() {
      const path = `/api/v1/apps/${encodeURIComponent(task.id)}/reloads/logs/${encodeURIComponent(executionId)}`
      return (signal) => unless(404, client.text({ path, signal }))
    },
  }
}

async function unless<T>(status: number, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CloudError && error.status === status) return undefined
    throw error
  }
}
