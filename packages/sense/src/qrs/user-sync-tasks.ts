import { z } from 'zod'
import type { QrsClient } from './client.js'
import { createEntities, type QrsEntities } from './entities.js'
import { TaskType } from './enums.js'
import { namedSchema, optional, toNamed, type Named } from './fields.js'
import { guidPath } from './guid.js'
import type { QrsChangeOptions } from './list-options.js'
import { taskBody, taskFieldsWire, toTaskFields, type TaskDefinition, type TaskDraft, type TaskFields } from './task-fields.js'

/** A task that reads users from a directory. */
export interface UserSyncTask extends TaskFields {
  readonly userDirectory: Named | undefined
}

/** A user sync task to be made. QRS takes no triggers with it: add them afterwards. */
export interface UserSyncTaskDefinition extends Omit<TaskDefinition, 'triggers'> {
  /** GUID of the directory whose users it reads. */
  readonly userDirectoryId: string
}

/** One item of `GET /qrs/usersynctask/full`. */
export const userSyncTaskWire = z.object({ ...taskFieldsWire, userDirectory: optional(namedSchema) })

/** User synchronisation tasks. Sense makes one itself for each directory's connector. */
export interface QrsUserSyncTasks extends QrsEntities<UserSyncTask, TaskDraft> {
  /** Makes a task. Sent once. @throws {@link QrsError} */
  create(definition: UserSyncTaskDefinition, options?: QrsChangeOptions): Promise<UserSyncTask>
}

/** User synchronisation tasks, through one client. */
export function createUserSyncTasks(client: QrsClient): QrsUserSyncTasks {
  return {
    ...createEntities<typeof userSyncTaskWire, UserSyncTask, TaskDraft>(client, {
      path: 'usersynctask',
      type: 'UserSyncTask',
      wire: userSyncTaskWire,
      to: toUserSyncTask,
    }),
    async create(definition, options = {}) {
      const userDirectory = { id: guidPath(definition.userDirectoryId) }
      const json = { ...taskBody(definition, TaskType.UserSync), userDirectory }
      return toUserSyncTask(await client.json({ method: 'POST', path: '/qrs/usersynctask', json, ...options }, userSyncTaskWire))
    },
  }
}

function toUserSyncTask(task: z.output<typeof userSyncTaskWire>): UserSyncTask {
  return Object.assign(toTaskFields(task), { userDirectory: task.userDirectory ? toNamed(task.userDirectory) : undefined })
}
