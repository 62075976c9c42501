import { z } from 'zod'
import type { QrsClient } from './client.js'
import { createEntities, type QrsReads } from './entities.js'
import { executionWire, toExecutionSummary, type ExecutionSummary } from './executions.js'
import { optional, toReference } from './fields.js'

/** One attempt of one run, as QRS keeps it after the run. */
export interface ExecutionResult extends ExecutionSummary {
  readonly taskId: string | undefined
  /** The execution session; several results share one when the run was retried. */
  readonly executionId: string | undefined
  readonly appId: string | undefined
}

/** One item of `GET /qrs/executionresult/full`. */
export const executionResultWire = z.object({
  ...executionWire.shape,
  taskID: optional(z.string()),
  executionID: optional(z.string()),
  appID: optional(z.string()),
})

/** What has run. Sites keep a great many: list with a filter, or use `pages`. */
export type QrsExecutionResults = QrsReads<ExecutionResult>

/** Execution results, through one client. */
export function createExecutionResults(client: QrsClient): QrsExecutionResults {
  const kind = { path: 'executionresult', type: 'ExecutionResult', wire: executionResultWire, to: toExecutionResult }
  const { list, get, count, pages } = createEntities(client, kind)
  return { list, get, count, pages }
}

function toExecutionResult(result: z.output<typeof executionResultWire>): ExecutionResult {
  const { taskID, executionID, appID } = result
  const ids = { taskId: toReference(taskID), executionId: toReference(executionID), appId: toReference(appID) }
  return Object.assign(toExecutionSummary(result), ids)
}
