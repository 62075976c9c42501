import { z } from 'zod'
import type { QrsClient } from './client.js'
import { createEntities, type QrsEntities } from './entities.js'
import { TaskType } from './enums.js'
import { optional } from './fields.js'
import type { QrsChangeOptions } from './list-options.js'
import { taskBody, taskFieldsWire, toTaskFields, type TaskDefinition, type TaskDraft, type TaskFields } from './task-fields.js'
import { triggersBody } from './triggers.js'

/** A task that runs a program on a node. */
export interface ExternalProgramTask extends TaskFields {
  /** The program. */
  readonly path: string
  /** Its arguments, in one text. */
  readonly parameters: string
}

/** An external program task as QRS takes it. */
export interface ExternalProgramTaskDraft extends TaskDraft {
  path: string
  parameters: string
}

/** An external program task to be made. */
export interface ExternalProgramTaskDefinition extends TaskDefinition {
  /** The program, as the node's file system has it. */
  readonly path: string
  /** @defaultValue '' */
  readonly parameters?: string | undefined
}

/** One item of `GET /qrs/externalprogramtask/full`. */
export const externalProgramTaskWire = z.object({ ...taskFieldsWire, path: optional(z.string()), parameters: optional(z.string()) })

/** External program tasks. */
export interface QrsExternalProgramTasks extends QrsEntities<ExternalProgramTask, ExternalProgramTaskDraft> {
  /** Makes a task, with what starts it. Sent once. @throws {@link QrsError}; for its triggers as {@link QrsTriggers.add} */
  create(definition: ExternalProgramTaskDefinition, options?: QrsChangeOptions): Promise<ExternalProgramTask>
}

/** External program tasks, through one client. */
export function createExternalProgramTasks(client: QrsClient): QrsExternalProgramTasks {
  return {
    ...createEntities<typeof externalProgramTaskWire, ExternalProgramTask, ExternalProgramTaskDraft>(client, {
      path: 'externalprogramtask',
      type: 'ExternalProgramTask',
      wire: externalProgramTaskWire,
      to: toExternalProgramTask,
    }),
    async create(definition, options = {}) {
      const { path, parameters = '', triggers = [] } = definition
      const task = { ...taskBody(definition, TaskType.ExternalProgram), path, parameters }
      const json = { task, ...(await triggersBody(client, triggers, options.signal)) }
      const request = { method: 'POST', path: '/qrs/externalprogramtask/create', json, ...options } as const
      return toExternalProgramTask(await client.json(request, externalProgramTaskWire))
    },
  }
}

/** Our form of an external program task. */
export function toExternalProgramTask(task: z.output<typeof externalProgramTaskWire>): ExternalProgramTask {
  return Object.assign(toTaskFields(task), { path: task.path ?? '', parameters: task.parameters ?? '' })
}
