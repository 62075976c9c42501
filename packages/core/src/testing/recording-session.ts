import { silent } from '../logger.js'
import type { Disposition, InboundMessage, TransportHealth, TransportSession } from '../transport/transport.js'

/** A session that writes down what happens to it, and can be waited for. */
export interface RecordingSession extends TransportSession {
  readonly messages: readonly InboundMessage[]
  /** The topic of each message. */
  readonly topics: readonly string[]
  /** The payload of each message, as text. */
  readonly texts: readonly string[]
  readonly healths: readonly TransportHealth[]
  /** Resolves once `condition` holds; it is asked after every message and every change of health. */
  until(condition: (session: RecordingSession) => boolean): Promise<void>
}

/** What the session asks for, and how it takes messages. */
export type RecordingOptions = Partial<Pick<TransportSession, 'subscriptions' | 'status' | 'logger' | 'receive'>>

/** Makes a {@link RecordingSession}. It acknowledges everything, unless told otherwise. */
export function recordSession(options: RecordingOptions = {}): RecordingSession {
  const { subscriptions = [], status, logger = silent, receive = (): Disposition => 'ack' } = options
  const messages: InboundMessage[] = []
  const healths: TransportHealth[] = []
  const waiting = new Set<() => void>()
  const session: RecordingSession = {
    subscriptions,
    logger,
    ...(status && { status }),
    messages,
    healths,
    get topics() {
      return messages.map(({ topic }) => topic)
    },
    get texts() {
      return messages.map(({ payload }) => toText(payload))
    },
    receive(message) {
      messages.push(message)
      ask()
      return receive(message)
    },
    changed(health) {
      healths.push(health)
      ask()
    },
    until: (condition) =>
      new Promise((resolve, reject) => {
        const check = () => {
          try {
            if (!condition(session)) return
            resolve()
          } catch (error) {
            reject(error)
          }
          waiting.delete(check)
        }
        waiting.add(check)
        check()
      }),
  }
  return session

  function ask(): void {
    for (const check of waiting) check()
  }
}

/** A payload as text. */
export function toText(payload: Uint8Array): string {
  return Buffer.from(payload).toString()
}

/** A text as payload. */
export function toBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
