import { z } from 'zod'
import type { EntityDraft } from './entities.js'
import { entityFieldsWire, toEntityFields, type EntityFields } from './entity-fields.js'
import { executionWire, toExecutionSummary, type ExecutionSummary } from './executions.js'
import { optional, toDate } from './fields.js'
import { guidPath } from './guid.js'
import type { TriggerDefinition } from './triggers.js'

/** What tasks of all kinds have. Fields that QRS sends and that are not here are left out. */
export interface TaskFields extends EntityFields {
  readonly enabled: boolean
  /** Minutes after which the scheduler stops a run. */
  readonly taskSessionTimeout: number | undefined
  /** 0 to 20. */
  readonly maxRetries: number | undefined
  /** The last run's last attempt; `undefined` for a task that never ran. */
  readonly lastExecution: ExecutionSummary | undefined
  /** When a schedule starts it next; `undefined` for none. */
  readonly nextExecution: Date | undefined
}

/** A task as QRS takes it. */
export interface TaskDraft extends EntityDraft {
  enabled: boolean
  /** Minutes. */
  taskSessionTimeout: number
  /** 0 to 20. */
  maxRetries: number
}

/** A task to be made. */
export interface TaskDefinition {
  /** 1 to 500 characters. */
  readonly name: string
  /** @defaultValue true */
  readonly enabled?: boolean | undefined
  /** Minutes after which the scheduler stops a run. @defaultValue 1440 */
  readonly taskSessionTimeout?: number | undefined
  /** 0 to 20. @defaultValue 0 */
  readonly maxRetries?: number | undefined
  /** GUIDs of tags. @defaultValue none */
  readonly tagIds?: readonly string[] | undefined
  /** Values by the GUID of the custom property's definition. @defaultValue none */
  readonly customProperties?: readonly { readonly definitionId: string; readonly value: string }[] | undefined
  /** What starts it. @defaultValue nothing */
  readonly triggers?: readonly TriggerDefinition[] | undefined
}

/** The fields of {@link TaskFields} on the wire. */
export const taskFieldsWire = {
  ...entityFieldsWire,
  enabled: z.boolean(),
  taskSessionTimeout: optional(z.number()),
  maxRetries: optional(z.number()),
  operational: optional(z.object({ lastExecutionResult: optional(executionWire), nextExecution: optional(z.string()) })),
}

const taskFields = z.object(taskFieldsWire)

/** Our form of what tasks have in common. */
export function toTaskFields(task: z.output<typeof taskFields>): TaskFields {
  const { lastExecutionResult, nextExecution } = task.operational ?? {}
  const lastExecution = lastExecutionResult ? toExecutionSummary(lastExecutionResult) : undefined
  return Object.assign(toEntityFields(task), {
    enabled: task.enabled,
    taskSessionTimeout: task.taskSessionTimeout ?? undefined,
    maxRetries: task.maxRetries ?? undefined,
    // A task that never ran has a result too, with no start.
    lastExecution: lastExecution?.startedAt === undefined ? undefined : lastExecution,
    nextExecution: toDate(nextExecution),
  })
}

/** The fields of a task that is being made. */
export function taskBody(definition: Omit<TaskDefinition, 'triggers'>, taskType: number): object {
  const { name, enabled = true, taskSessionTimeout = 1440, maxRetries = 0, tagIds = [], customProperties = [] } = definition
  return {
    name,
    taskType,
    enabled,
    taskSessionTimeout,
    maxRetries,
    tags: tagIds.map((id) => ({ id: guidPath(id) })),
    customProperties: customProperties.map(({ definitionId, value }) => ({ value, definition: { id: guidPath(definitionId) } })),
  }
}
