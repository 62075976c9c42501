// Receiving
export {
  senseEvents,
  type EventsEndpoint,
  type SenseEventsCounters,
  type SenseEventsOptions,
  type SenseEventsTransport,
} from './sense-events.js'
export { SenseEventsError, type SenseEventsErrorCode } from './errors.js'

// What is received
export {
  taskAborted,
  taskDistributed,
  taskFailed,
  taskSucceeded,
  unparsedEvent,
  userConnectionClosed,
  userConnectionOpened,
  userSessionStarted,
  userSessionStopped,
} from './topics.js'

// Reading log lines
export { parseTaskEvent, type TaskEvent, type TaskOutcome } from './task-event.js'
export { parseUserEvent, type UserAction, type UserEvent } from './user-event.js'
export { type UnparsedEvent } from './unparsed-event.js'
