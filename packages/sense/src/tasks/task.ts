import { z } from 'zod'
import { TaskError } from '../errors.js'
import type { QrsClient } from '../qrs/client.js'
import { customPropertySchema, namedSchema, optional, toCustomProperty, type CustomProperty, type Named } from '../qrs/fields.js'
import { q } from '../qrs/filter.js'
import { isGuid } from '../qrs/guid.js'

/** Names one task: its GUID, or its name, which QRS compares without regard to case. */
export type TaskTarget = string | { readonly name: string }

/** Names any number of tasks: those with a tag, or with a value of a custom property, both exactly as in the QMC. */
export type TaskGroup = { readonly tag: string } | { readonly customProperty: CustomProperty }

/** A task of any kind, with what the policy looks at. */
export interface Task extends Named {
  /** A number of `TaskType`. */
  readonly taskType: number
  readonly tags: readonly Named[]
  readonly customProperties: readonly CustomProperty[]
}

/** One item of `GET /qrs/task/full`. */
export const taskWire = z.object({
  id: z.guid(),
  name: z.string(),
  taskType: z.number(),
  tags: optional(z.array(namedSchema)),
  customProperties: optional(z.array(customPropertySchema)),
})

const tasksWire = z.array(taskWire)

/**
 * Asks QRS for the one task that is meant.
 *
 * @throws {@link TaskError} `TASK_ID_INVALID`, `TASK_NOT_FOUND`, or `TASK_AMBIGUOUS` naming the GUIDs of all tasks of that name
 */
export async function findTask(client: QrsClient, target: TaskTarget, signal: AbortSignal | undefined): Promise<Task> {
  const shown = typeof target === 'string' ? shorten(target) : `named ${shorten(target.name)}`
  if (typeof target === 'string' && !isGuid(target)) throw new TaskError('TASK_ID_INVALID', `${shown} is not a task id: it is not a GUID`)
  const filter = typeof target === 'string' ? q`id eq ${q.guid(target)}` : q`name eq ${q.text(target.name)}`
  const tasks = (await client.json({ path: '/qrs/task/full', filter, signal }, tasksWire)).map(toTask)
  const [task, ...others] = tasks
  if (task === undefined) throw new TaskError('TASK_NOT_FOUND', `there is no task ${shown}, or this user may not see it`)
  if (others.length > 0) {
    const taskIds = tasks.map((each) => each.id)
    throw new TaskError('TASK_AMBIGUOUS', `${tasks.length} tasks are ${shown}: ${taskIds.join(', ')}; start one by its id`, { taskIds })
  }
  return task
}

/**
 * Asks QRS for all tasks that are meant, each once, in the order they are named.
 *
 * @throws {@link TaskError} as {@link findTask}; a group may be empty
 */
export async function findTasks(
  client: QrsClient,
  targets: readonly (TaskTarget | TaskGroup)[],
  signal: AbortSignal | undefined,
): Promise<Task[]> {
  const found = new Map<string, Task>()
  for (const target of targets) {
    const tasks = isGroup(target) ? await findGroup(client, target, signal) : [await findTask(client, target, signal)]
    for (const task of tasks) found.set(task.id, task)
  }
  return [...found.values()]
}

async function findGroup(client: QrsClient, group: TaskGroup, signal: AbortSignal | undefined): Promise<Task[]> {
  const isMeant = membership(group)
  const filter =
    'tag' in group
      ? q`tags.name eq ${q.text(group.tag)}`
      : q`customProperties.definition.name eq ${q.text(group.customProperty.name)} and customProperties.value eq ${q.text(group.customProperty.value)}`
  // QRS also finds the name of one property and the value of another, and does not regard case.
  return (await client.json({ path: '/qrs/task/full', filter, signal }, tasksWire)).map(toTask).filter(isMeant)
}

function membership(group: TaskGroup): (task: Task) => boolean {
  if ('tag' in group) return ({ tags }) => tags.some(({ name }) => name === group.tag)
  const { name, value } = group.customProperty
  return ({ customProperties }) => customProperties.some((each) => each.name === name && each.value === value)
}

function isGroup(target: TaskTarget | TaskGroup): target is TaskGroup {
  return typeof target === 'object' && !('name' in target)
}

/** Our form of a task. */
export function toTask({ id, name, taskType, tags, customProperties }: z.output<typeof taskWire>): Task {
  return { id: id.toLowerCase(), name, taskType, tags: tags ?? [], customProperties: customProperties?.map(toCustomProperty) ?? [] }
}

/** A caller's text in JSON's quotes: on one line, and no longer than a line. */
function shorten(value: string): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value)
}
