import { z } from 'zod'
import type { QrsClient } from './client.js'
import { executionWire, toExecutionSummary, type ExecutionSummary } from './executions.js'
import { customPropertySchema, namedSchema, optional, toCustomProperty, toDate, type CustomProperty, type Named } from './fields.js'
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

/** One item of `GET /qrs/reloadtask/full`. */
export const reloadTaskWire = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  app: optional(namedSchema),
  tags: optional(z.array(namedSchema)),
  customProperties: optional(z.array(customPropertySchema)),
  isManuallyTriggered: optional(z.boolean()),
  isPartialReload: optional(z.boolean()),
  taskSessionTimeout: optional(z.number()),
  maxRetries: optional(z.number()),
  operational: optional(z.object({ lastExecutionResult: optional(executionWire), nextExecution: optional(z.string()) })),
  createdDate: optional(z.string()),
  modifiedDate: optional(z.string()),
})

const reloadTasksWire = z.array(reloadTaskWire)

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
    async list({ filter, signal } = {}) {
      const tasks = await client.json({ path: '/qrs/reloadtask/full', filter, signal }, reloadTasksWire)
      return tasks.map(toReloadTask)
    },
  }
}

/** Our form of a reload task. */
export function toReloadTask(task: z.output<typeof reloadTaskWire>): ReloadTask {
  const { lastExecutionResult, nextExecution } = task.operational ?? {}
  const lastExecution = lastExecutionResult ? toExecutionSummary(lastExecutionResult) : undefined
  return {
    id: task.id.toLowerCase(),
    name: task.name,
    enabled: task.enabled,
    app: task.app ?? undefined,
    tags: task.tags ?? [],
    customProperties: task.customProperties?.map(toCustomProperty) ?? [],
    isManuallyTriggered: task.isManuallyTriggered ?? undefined,
    isPartialReload: task.isPartialReload ?? undefined,
    taskSessionTimeout: task.taskSessionTimeout ?? undefined,
    maxRetries: task.maxRetries ?? undefined,
    // A task that never ran has a result too, with no start.
    lastExecution: lastExecution?.startedAt === undefined ? undefined : lastExecution,
    nextExecution: toDate(nextExecution),
    createdDate: toDate(task.createdDate),
    modifiedDate: toDate(task.modifiedDate),
  }
}
