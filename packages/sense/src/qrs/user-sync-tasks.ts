import { z } from 'zod'
import type { QrsClient } from './client.js'
import { createEntities, type QrsEntities } from './entities.js'
import { taskFieldsWire, toTaskFields, type TaskDraft, type TaskFields } from './task-fields.js'

/** A task that reads users from a directory. The directory's connector makes it, so there is no `create`. */
export type UserSyncTask = TaskFields

/** User synchronisation tasks. */
export type QrsUserSyncTasks = QrsEntities<UserSyncTask, TaskDraft>

/** User synchronisation tasks, through one client. */
export function createUserSyncTasks(client: QrsClient): QrsUserSyncTasks {
  const wire = z.object(taskFieldsWire)
  return createEntities<typeof wire, UserSyncTask, TaskDraft>(client, {
    path: 'usersynctask',
    type: 'UserSyncTask',
    wire,
    to: toTaskFields,
  })
}
