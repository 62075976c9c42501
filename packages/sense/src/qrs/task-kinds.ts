import { z } from 'zod'
import { SenseError, TaskError } from '../errors.js'
import type { QrsClient } from './client.js'
import { TaskType } from './enums.js'
import { optional } from './fields.js'
import { q } from './filter.js'
import { guidPath } from './guid.js'

const fields = {
  [TaskType.Reload]: 'reloadTask',
  [TaskType.ExternalProgram]: 'externalProgramTask',
  [TaskType.UserSync]: 'userSyncTask',
} as const

/** A task as triggers name it: its GUID in the field of its kind. */
export type TaskReference = { readonly [Field in (typeof fields)[keyof typeof fields]]?: { readonly id: string } }

const kindsWire = z.array(z.object({ id: z.string(), taskType: z.number() }))
const named = optional(z.object({ id: z.string() }))

/** The fields of {@link TaskReference} on the wire. */
export const referenceWire = { reloadTask: named, externalProgramTask: named, userSyncTask: named }
const reference = z.object(referenceWire)

/** The GUID of the task that is named; `undefined` where none is. */
export function referredTask({ reloadTask, externalProgramTask, userSyncTask }: z.output<typeof reference>): string | undefined {
  return (reloadTask ?? externalProgramTask ?? userSyncTask)?.id.toLowerCase()
}

/**
 * Asks QRS of what kind tasks are, so that triggers can name them.
 *
 * @returns gives the reference for each of the ids
 * @throws {@link SenseError} `SENSE_ID`; `SENSE_OPTION` for a kind that triggers cannot name
 * @throws {@link TaskError} `TASK_NOT_FOUND`
 */
export async function findReferences(
  client: QrsClient,
  taskIds: readonly string[],
  signal: AbortSignal | undefined,
): Promise<(taskId: string) => TaskReference> {
  const ids = [...new Set(taskIds.map(guidPath))]
  const filter = q.or(...ids.map((id) => q`id eq ${q.guid(id)}`))
  const found = ids.length === 0 ? [] : await client.json({ path: '/qrs/task', filter, signal }, kindsWire)
  const references = new Map(found.map(({ id, taskType }) => [id.toLowerCase(), toReference(id.toLowerCase(), taskType)]))
  return (taskId) => {
    const known = references.get(taskId.toLowerCase())
    if (known === undefined) throw new TaskError('TASK_NOT_FOUND', `there is no task ${taskId}, or this user may not see it`)
    return known
  }
}

function toReference(id: string, taskType: number): TaskReference {
  const field = (fields as Readonly<Record<number, keyof TaskReference>>)[taskType]
  if (field === undefined) throw new SenseError('SENSE_OPTION', `task ${id} is of type ${taskType}, which triggers cannot name`)
  return { [field]: { id } }
}
