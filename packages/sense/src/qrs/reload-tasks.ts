import { z } from 'zod'
import type { QrsClient } from './client.js'
import { createEntities, type QrsEntities } from './entities.js'
import { TaskType } from './enums.js'
import { namedSchema, optional, toNamed, type Named } from './fields.js'
import { guidPath } from './guid.js'
import type { QrsChangeOptions } from './list-options.js'
import { taskBody, taskFieldsWire, toTaskFields, type TaskDefinition, type TaskDraft, type TaskFields } from './task-fields.js'
import { triggersBody } from './triggers.js'

/** A reload task. Fields that QRS sends and that are not here are left out. */
export interface ReloadTask extends TaskFields {
  readonly app: Named | undefined
  /** Made by "reload now" rather than by somebody in the QMC. */
  readonly isManuallyTriggered: boolean | undefined
  readonly isPartialReload: boolean | undefined
}

/** A reload task to be made. */
export interface ReloadTaskDefinition extends TaskDefinition {
  /** GUID of the app it reloads. */
  readonly appId: string
  /** @defaultValue false */
  readonly isPartialReload?: boolean | undefined
}

/** One item of `GET /qrs/reloadtask/full`. */
export const reloadTaskWire = z.object({
  ...taskFieldsWire,
  app: optional(namedSchema),
  isManuallyTriggered: optional(z.boolean()),
  isPartialReload: optional(z.boolean()),
})

/** Reload tasks. Starting them is `sense.tasks`. */
export interface QrsReloadTasks extends QrsEntities<ReloadTask, TaskDraft> {
  /** Makes a task, with what starts it. Sent once. @throws {@link QrsError}; for its triggers as {@link QrsTriggers.add} */
  create(definition: ReloadTaskDefinition, options?: QrsChangeOptions): Promise<ReloadTask>
}

/** Reload tasks, through one client. */
export function createReloadTasks(client: QrsClient): QrsReloadTasks {
  return {
    ...createEntities<typeof reloadTaskWire, ReloadTask, TaskDraft>(client, {
      path: 'reloadtask',
      type: 'ReloadTask',
      wire: reloadTaskWire,
      to: toReloadTask,
    }),
    async create(definition, options = {}) {
      const { appId, isPartialReload = false, triggers = [] } = definition
      const own = { app: { id: guidPath(appId) }, isManuallyTriggered: false, isPartialReload }
      const task = { ...taskBody(definition, TaskType.Reload), ...own }
      const json = { task, ...(await triggersBody(client, triggers, options.signal)) }
      return toReloadTask(await client.json({ method: 'POST', path: '/qrs/reloadtask/create', json, ...options }, reloadTaskWire))
    },
  }
}

/** Our form of a reload task. */
export function toReloadTask(task: z.output<typeof reloadTaskWire>): ReloadTask {
  return Object.assign(toTaskFields(task), {
    app: task.app ? toNamed(task.app) : undefined,
    isManuallyTriggered: task.isManuallyTriggered ?? undefined,
    isPartialReload: task.isPartialReload ?? undefined,
  })
}
