import { appOfTask } from '../store/records.js'
import type { TaskEvent } from '../scheduler/run.js'

/** Where an event comes from and when. */
export interface DatagramHead {
  /** Host name of the node. */
  readonly host: string
  /** Milliseconds since 1970. */
  readonly timeMs: number
}

/** A user's session with the proxy begins or ends. */
export interface UserEvent {
  readonly command: 'Start session' | 'Stop session'
  readonly directory: string
  readonly userId: string
  /** What the user came for: `Hub`, `AppAccess`, … */
  readonly origin: string
  /** Path asked for. */
  readonly context: string
  readonly userAgent: string
}

const taskTypes = {
  failed: '/scheduler-task-failed/',
  aborted: '/scheduler-task-aborted/',
  success: '/scheduler-task-success/',
} as const satisfies Record<TaskEvent['kind'], string>

/**
 * The line that the scheduler's log appender sends: `type;host;taskName;appName;user;taskId;appId;date;level;executionId;message`.
 * Nothing is escaped, so a `;` in a name shifts what follows, as on a live site.
 *
 * @see Butler 16.0.4, `docs/log4net_task-failed`, filters for failed, aborted and success
 */
export function toTaskDatagram({ kind, task, executionId, message }: TaskEvent, { host, timeMs }: DatagramHead): string {
  const level = kind === 'failed' ? 'WARN' : 'INFO'
  const { name, id } = task
  const app = appOfTask(task) ?? { id: '', name: '' }
  return [taskTypes[kind], host, name, app.name, schedulerAccount, id, app.id, log4netDate(timeMs), level, executionId, message].join(';')
}

/**
 * The line that the proxy's log appender sends: `type;host;command;userDirectory;userId;origin;context;message`.
 *
 * @see Butler SOS 15, user events, filters "Start session for user" and "Stop session for user"
 */
export function toUserDatagram({ command, directory, userId, origin, context, userAgent }: UserEvent, host: string): string {
  const message = `${command} for user '${directory}\\${userId}' UserAgent: '${userAgent}'`
  return ['/qseow-proxy-session/', host, command, directory, userId, origin, context, message].join(';')
}

/** The account the services run under, whose name the scheduler writes. */
const schedulerAccount = 'LAB\\svc_qlik'

/** log4net's `%date`: local time with a comma before the milliseconds. */
function log4netDate(timeMs: number): string {
  const local = new Date(timeMs - new Date(timeMs).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 23).replace('T', ' ').replace('.', ',')
}
