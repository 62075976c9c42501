import { topic } from '@butlerkit/core'
import { z } from 'zod'
import { taskEventSchema, type TaskEvent } from './task-event.js'
import { unparsedEventSchema, type UnparsedEvent } from './unparsed-event.js'
import { userEventSchema, type UserEvent } from './user-event.js'

const task = { params: { taskId: z.guid() }, payload: taskEventSchema, qos: 0 } as const
const user = { payload: userEventSchema, qos: 0 } as const

/** A task failed for good: its last retry did too, or it could not be started. */
export const taskFailed = topic('sense/task/+taskId/failed', { ...task, summary: 'A task failed for good' })

/** A task was stopped. */
export const taskAborted = topic('sense/task/+taskId/aborted', { ...task, summary: 'A task was stopped' })

/** A task succeeded. */
export const taskSucceeded = topic('sense/task/+taskId/success', { ...task, summary: 'A task succeeded' })

/** A distribution ended; the log line does not say how. */
export const taskDistributed = topic('sense/task/+taskId/distributed', { ...task, summary: 'A distribution task ended' })

/**
 * A user's session started. Directory and user id are percent-encoded where a topic level cannot hold them (`/`, `+`, `#`, `%`, control
 * characters); the payload has them as they are. So have the three below.
 */
export const userSessionStarted = topic('sense/user/+directory/+userId/session-start', { ...user, summary: 'A user session started' })

/** A user's session ended. */
export const userSessionStopped = topic('sense/user/+directory/+userId/session-stop', { ...user, summary: 'A user session ended' })

/** A connection of a user's session was opened. */
export const userConnectionOpened = topic('sense/user/+directory/+userId/connection-open', { ...user, summary: 'A connection was opened' })

/** A connection of a user's session was closed. */
export const userConnectionClosed = topic('sense/user/+directory/+userId/connection-close', { ...user, summary: 'A connection was closed' })

/** A datagram that could not be read. */
export const unparsedEvent = topic('sense/unparsed', { payload: unparsedEventSchema, qos: 0, summary: 'A datagram that could not be read' })

/** The topic name that an event goes to. */
export function topicNameOf(event: TaskEvent | UserEvent | UnparsedEvent): string {
  if (event.kind === 'unparsed') return unparsedEvent.pattern
  if (event.kind === 'task') return `sense/task/${event.taskId}/${event.outcome}`
  return `sense/user/${toLevel(event.directory)}/${toLevel(event.userId)}/${event.action}`
}

/** Reversible, so that two users never share a topic. */
function toLevel(text: string): string {
  return text.replace(/[/+#%\p{Cc}]/gu, encodeURIComponent)
}
