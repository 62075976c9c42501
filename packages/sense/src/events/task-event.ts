import { z } from 'zod'
import { isGuid } from '../qrs/guid.js'
import { normalizeType, unparsed, type UnparsedEvent } from './unparsed-event.js'

/** What the scheduler's log says of a task. `distributed` is the end of a distribution, whichever way it went. */
export type TaskOutcome = 'failed' | 'aborted' | 'success' | 'distributed'

/** One line of the scheduler's log about a task. Ids are in lower case. */
export interface TaskEvent {
  readonly kind: 'task'
  readonly outcome: TaskOutcome
  /** The node that wrote the line. */
  readonly host: string
  /** With a `;` in the name of task or app, both names as one text: the line does not tell where one ends. */
  readonly taskName: string
  /** `undefined` where {@link TaskEvent.taskName} holds both names. */
  readonly appName?: string | undefined
  /** `DIRECTORY\user`. */
  readonly user: string
  readonly taskId: string
  readonly appId?: string | undefined
  /** The execution session: tells two runs of one task apart. */
  readonly executionId?: string | undefined
  /** As Sense wrote it, in the node's local time and without a zone: `2026-01-15 10:30:00,123`. */
  readonly loggedAt: string
  /** `WARN`, `INFO` and so on. */
  readonly level: string
  readonly message: string
}

/** Payload of the task messages. */
export const taskEventSchema: z.ZodType<TaskEvent, TaskEvent> = z.object({
  kind: z.literal('task'),
  outcome: z.enum(['failed', 'aborted', 'success', 'distributed']),
  host: z.string(),
  taskName: z.string(),
  appName: z.string().optional(),
  user: z.string(),
  taskId: z.guid(),
  appId: z.guid().optional(),
  executionId: z.guid().optional(),
  loggedAt: z.string(),
  level: z.string(),
  message: z.string(),
})

/** Every name that appenders in the field use. @see Butler 16, udp_handlers */
const outcomes: ReadonlyMap<string, TaskOutcome> = new Map([
  ['/scheduler-task-failed/', 'failed'],
  ['/scheduler-reload-failed/', 'failed'],
  ['/scheduler-reloadtask-failed/', 'failed'],
  ['/scheduler-task-aborted/', 'aborted'],
  ['/scheduler-reload-aborted/', 'aborted'],
  ['/scheduler-task-success/', 'success'],
  ['/scheduler-reloadtask-success/', 'success'],
  ['/scheduler-distribute/', 'distributed'],
])

/**
 * Reads `type;host;taskName;appName;user;taskId;appId;date;level;executionId;message`, what log4net's UdpAppender sends for Butler.
 *
 * Nothing is escaped in there, so a `;` in a name or message shifts fields. They are found by what cannot be mistaken: two ids, a date, a
 * level and an id in a row. A line with no or more than one such place is not guessed at.
 *
 * @param text - one datagram
 */
export function parseTaskEvent(text: string): TaskEvent | UnparsedEvent {
  const raw = text.split(';')
  const fields = raw.map((field) => field.trim())
  const outcome = outcomes.get(normalizeType(fields[0] ?? ''))
  if (outcome === undefined) return unparsed(text, 'unknown type of task event')
  const [at, ...others] = [...fields.keys()].filter((index) => isAnchor(fields, index))
  if (at === undefined) return unparsed(text, 'no task id, app id, date, level and execution id in a row')
  if (others.length > 0) return unparsed(text, 'more than one place could be task id, app id, date, level and execution id')
  const [taskId = '', appId = '', loggedAt = '', level = '', executionId = ''] = fields.slice(at)
  if (taskId === '') return unparsed(text, 'no task id')
  const names = raw.slice(2, at - 1)
  return {
    kind: 'task',
    outcome,
    host: fields[1] ?? '',
    ...(names.length === 2 ? { taskName: fields[2] ?? '', appName: fields[3] } : { taskName: names.join(';').trim() }),
    user: fields[at - 1] ?? '',
    taskId: taskId.toLowerCase(),
    ...(appId !== '' && { appId: appId.toLowerCase() }),
    ...(executionId !== '' && { executionId: executionId.toLowerCase() }),
    loggedAt,
    level,
    message: raw
      .slice(at + 5)
      .join(';')
      .trim(),
  }
}

/** Type, host, two names and user come before; a message after. */
function isAnchor(fields: readonly string[], index: number): boolean {
  const [taskId, appId, date, level, executionId, message] = fields.slice(index, index + 6)
  if (index < 5 || message === undefined) return false
  return isId(taskId) && isId(appId) && isDate(date) && isLevel(level) && isId(executionId)
}

function isId(field: string | undefined): boolean {
  return field === '' || (field !== undefined && isGuid(field))
}

/** log4net's `%date`, or its ISO forms with and without hyphens. */
function isDate(field = ''): boolean {
  return /^\d{4}-?\d{2}-?\d{2}[ T]\d{2}:?\d{2}:?\d{2}(?:[.,]\d{1,7})?(?:Z|[+-]\d{2}:?\d{2})?$/.test(field)
}

function isLevel(field = ''): boolean {
  return /^(?:trace|verbose|debug|info|notice|warn|warning|error|severe|critical|alert|fatal|emergency)$/i.test(field)
}
