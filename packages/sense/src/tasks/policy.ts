import type { CustomProperty } from '../qrs/fields.js'
import { guidSet } from '../qrs/guid.js'
import type { Task } from './task.js'

/**
 * Which tasks may be started: a task on any of the lists. What is compared is the task as QRS has it at that moment, not what the caller
 * said about it.
 */
export interface TaskAllowList {
  /** GUIDs; upper and lower case are the same. @defaultValue none */
  readonly ids?: readonly string[]
  /** Tag names, exactly as written in the QMC. @defaultValue none */
  readonly tags?: readonly string[]
  /** Custom properties, name and value exactly as in the QMC. @defaultValue none */
  readonly customProperties?: readonly CustomProperty[]
}

/** Says whether a task may be started. */
export interface TaskPolicy {
  allows(task: Task): boolean
  /** Whether every task may be started, also one that does not exist yet. */
  readonly allowsAll: boolean
}

/**
 * Makes the policy. An empty list allows nothing.
 *
 * @throws SenseError `SENSE_OPTION` naming an id that is not a GUID
 */
export function createTaskPolicy(allowed: TaskAllowList | 'all'): TaskPolicy {
  if (allowed === 'all') return { allows: () => true, allowsAll: true }
  const ids = guidSet('allowTasks.ids', allowed.ids)
  const tags = new Set(allowed.tags)
  const properties = new Set(allowed.customProperties?.map(toKey))
  return {
    allowsAll: false,
    allows: (task) =>
      ids.has(task.id) ||
      task.tags.some((tag) => tags.has(tag.name)) ||
      task.customProperties.some((property) => properties.has(toKey(property))),
  }
}

/** Name and value of the same property: QRS's own filter also matches the name of one and the value of another. */
function toKey({ name, value }: CustomProperty): string {
  return JSON.stringify([name, value])
}
