import {
  silent,
  type Disposition,
  type InboundMessage,
  type StatusMessages,
  type Subscription,
  type TransportHealth,
  type TransportSession,
} from '@butlerkit/core'

/** A session that writes down what happens to it, and can be waited for. */
export interface RecordingSession extends TransportSession {
  readonly messages: readonly InboundMessage[]
  readonly healths: readonly TransportHealth[]
  /** Resolves once `condition` holds; it is asked after every message and every change of health. */
  until(condition: (session: RecordingSession) => boolean): Promise<void>
  /** Asks the waiting conditions again. */
  check(): void
}

export interface RecordingOptions {
  readonly subscriptions?: readonly Subscription[]
  readonly receive?: (message: InboundMessage) => Disposition | Promise<Disposition>
  readonly status?: StatusMessages
  readonly logger?: TransportSession['logger']
}

export function record({ subscriptions = [], receive = () => 'ack', status, logger = silent }: RecordingOptions = {}): RecordingSession {
  const messages: InboundMessage[] = []
  const healths: TransportHealth[] = []
  const waiting = new Set<() => void>()
  const check = () => {
    for (const ask of waiting) ask()
  }
  const session: RecordingSession = {
    subscriptions,
    logger,
    ...(status && { status }),
    messages,
    healths,
    receive(message) {
      messages.push(message)
      check()
      return receive(message)
    },
    changed(health) {
      healths.push(health)
      check()
    },
    until(condition) {
      return new Promise((resolve) => {
        const ask = () => {
          if (condition(session)) {
            waiting.delete(ask)
            resolve()
          }
        }
        waiting.add(ask)
        ask()
      })
    },
    check,
  }
  return session
}

export const text = (payload: Uint8Array): string => Buffer.from(payload).toString()
export const bytes = (payload: string): Uint8Array => new TextEncoder().encode(payload)
