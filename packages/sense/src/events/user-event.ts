import { z } from 'zod'
import { normalizeType, unparsed, type UnparsedEvent } from './unparsed-event.js'

/** What a user's session or connection did. */
export type UserAction = 'session-start' | 'session-stop' | 'connection-open' | 'connection-close'

/** One line of the proxy's audit log about a user. */
export interface UserEvent {
  readonly kind: 'user'
  readonly action: UserAction
  /** The node that wrote the line. */
  readonly host: string
  readonly directory: string
  readonly userId: string
  /** Where it came from, such as `Hub`. */
  readonly origin: string
  /** What it concerned, such as `/hub/`. */
  readonly context: string
  /** The rest of the line, with the browser after `UserAgent:`. */
  readonly message: string
}

/** Payload of the user messages. */
export const userEventSchema: z.ZodType<UserEvent, UserEvent> = z.object({
  kind: z.literal('user'),
  action: z.enum(['session-start', 'session-stop', 'connection-open', 'connection-close']),
  host: z.string(),
  directory: z.string(),
  userId: z.string(),
  origin: z.string(),
  context: z.string(),
  message: z.string(),
})

/** Butler SOS's names, and those of Butler 5. */
const types = new Set(['/qseow-proxy-session/', '/qseow-proxy-connection/', '/proxy-session/', '/proxy-connection/'])

const actions: ReadonlyMap<string, UserAction> = new Map([
  ['start session', 'session-start'],
  ['stop session', 'session-stop'],
  ['open connection', 'connection-open'],
  ['close connection', 'connection-close'],
])

/**
 * Reads `type;host;command;userDirectory;userId;origin;context;message`, what log4net's UdpAppender sends for Butler SOS. The message may
 * hold a `;`: it is all that comes after the seventh.
 *
 * @param text - one datagram
 */
export function parseUserEvent(text: string): UserEvent | UnparsedEvent {
  const raw = text.split(';')
  const [type = '', host = '', command = '', directory = '', userId = '', origin = '', context = ''] = raw.map((field) => field.trim())
  if (!types.has(normalizeType(type))) return unparsed(text, 'unknown type of user event')
  if (raw.length < 8) return unparsed(text, 'fewer than eight fields')
  const action = actions.get(command.toLowerCase())
  if (action === undefined) return unparsed(text, 'unknown command of a user event')
  if (directory === '' || userId === '') return unparsed(text, 'no user')
  return { kind: 'user', action, host, directory, userId, origin, context, message: raw.slice(7).join(';').trim() }
}
