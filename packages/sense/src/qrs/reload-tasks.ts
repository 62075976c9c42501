import { z } from 'zod'
import type { QrsClient } from './client.js'
import { executionSummarySchema, type ExecutionSummary } from './executions.js'
import { customProperty, date, id, list, maybe, named, type CustomProperty, type Named } from './fields.js'
import type { QrsListOptions } from './list-options.js'

/** A reload task. Fields that QRS sends and that are not here are left out. */
export interface ReloadTask {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  readonly app: Named | undefined
  readonly tags: readonly Named[]
  readonly customProperties: readonly CustomProperty[]
  /** Made by "reload now" rather than by somebody in the QMC. */
  readonly isManuallyTriggered: boolean | undefined
  readonly isPartialReload: boolean | undefined
  /** Minutes after which the scheduler stops a run. */
  readonly taskSessionTimeout: number | undefined
  /** 0 to 20. */
  readonly maxRetries: number | undefined
  /** The last run's last attempt; `undefined` for a task that never ran. */
  readonly lastExecution: ExecutionSummary | undefined
  /** When a schedule starts it next; `undefined` for none. */
  readonly nextExecution: Date | undefined
  readonly createdDate: Date | undefined
  readonly modifiedDate: Date | undefined
}

const operational = z.object({ lastExecutionResult: maybe(executionSummarySchema), nextExecution: date })

/** One item of `GET /qrs/reloadtask/full`. */
export const reloadTaskSchema: z.ZodType<ReloadTask> = z
  .object({
    id,
    name: z.string(),
    enabled: z.boolean(),
    app: maybe(named),
    tags: list(named),
    customProperties: list(customProperty),
    isManuallyTriggered: maybe(z.boolean()),
    isPartialReload: maybe(z.boolean()),
    taskSessionTimeout: maybe(z.number()),
    maxRetries: maybe(z.number()),
    operational: maybe(operational),
    createdDate: date,
    modifiedDate: date,
  })
  .transform(({ operational: seen, ...task }) => ({ ...task, lastExecution: executed(seen), nextExecution: seen?.nextExecution }))

const reloadTasksSchema = z.array(reloadTaskSchema)

/** Reload tasks. */
export interface QrsReloadTasks {
  /**
   * The reload tasks that the user may see, as full entities, all in one answer, in no given order.
   *
   * @throws {@link QrsError}
   */
  list(options?: QrsListOptions): Promise<ReloadTask[]>
}

/** Reload tasks, through one client. */
export function createReloadTasks(client: QrsClient): QrsReloadTasks {
  return {
    list: ({ filter, signal } = {}) => client.json({ path: '/qrs/reloadtask/full', filter, signal }, reloadTasksSchema),
  }
}

/** A task that never ran has a result too, with no start. */
function executed(seen: z.output<typeof operational> | undefined): ExecutionSummary | undefined {
  return seen?.lastExecutionResult?.startedAt === undefined ? undefined : seen.lastExecutionResult
}
