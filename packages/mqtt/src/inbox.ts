import type { Disposition, InboundMessage } from '@butlerkit/core'
import { createFifo } from './fifo.js'
import type { MqttInboxOptions } from './options.js'

/** What has arrived: at most so many messages in work, the others waiting for their turn. */
export interface Inbox {
  /** Hands a message on as soon as it is its turn; `settled` is told what became of it, unless it was dropped. */
  add(message: InboundMessage, settled: (disposition: Disposition) => void): void
  /** Forgets what waits. */
  clear(): void
}

export interface InboxOptions extends Required<MqttInboxOptions> {
  readonly maxInFlight: number
  readonly receive: (message: InboundMessage) => Disposition | Promise<Disposition>
  /** A message could not be handled as it should; it is left. */
  readonly onError: (error: unknown) => void
  /** A message of QoS 0 was dropped: told of the first since the inbox was last empty. */
  readonly dropping: () => void
  /** The inbox is empty again, after so many were dropped. */
  readonly dropped: (count: number) => void
}

interface Entry {
  readonly message: InboundMessage
  readonly settled: (disposition: Disposition) => void
}

/**
 * A window in front of `receive`. What waits of QoS 1 and 2 is bounded by the broker, which sends no more before it is acknowledged;
 * of QoS 0 it is bounded here.
 */
export function createInbox({ maxInFlight, max, maxBytes, whenFull, receive, onError, dropping, dropped }: InboxOptions): Inbox {
  const waiting = createFifo<Entry>()
  /** Those of QoS 0 among them. */
  const unacknowledged = createFifo<Entry>()
  let waitingBytes = 0
  let inFlight = 0
  let lost = 0

  function handOn(message: InboundMessage, settled: Entry['settled']): void {
    // mqtt.js stalls for good when a listener throws, so nothing may get out of here.
    try {
      const disposition = receive(message)
      if (typeof disposition === 'string') return settled(disposition)
      inFlight += 1
      disposition.then(
        (result) => finish(settled, result),
        (error: unknown) => {
          onError(error)
          finish(settled, 'leave')
        },
      )
    } catch (error) {
      onError(error)
      settled('leave')
    }
  }

  function finish(settled: Entry['settled'], disposition: Disposition): void {
    inFlight -= 1
    settled(disposition)
    while (inFlight < maxInFlight) {
      const next = waiting.shift()
      if (next === undefined) break
      forget(next)
      handOn(next.message, next.settled)
    }
    if (lost > 0 && waiting.size === 0) {
      dropped(lost)
      lost = 0
    }
  }

  function forget(entry: Entry): void {
    if (unacknowledged.remove(entry)) waitingBytes -= entry.message.payload.byteLength
  }

  /** @returns whether there is room for one more of QoS 0 */
  function makeRoom(bytes: number): boolean {
    while (unacknowledged.size >= max || waitingBytes + bytes > maxBytes) {
      if (lost === 0) dropping()
      lost += 1
      const oldest = whenFull === 'drop-oldest' ? unacknowledged.shift() : undefined
      if (oldest === undefined) return false
      waiting.remove(oldest)
      waitingBytes -= oldest.message.payload.byteLength
    }
    return true
  }

  return {
    add(message, settled) {
      if (inFlight < maxInFlight) return handOn(message, settled)
      const entry = { message, settled }
      if (message.qos === 0) {
        if (!makeRoom(message.payload.byteLength)) return
        unacknowledged.push(entry)
        waitingBytes += message.payload.byteLength
      }
      waiting.push(entry)
    },
    clear() {
      waiting.drain()
      unacknowledged.drain()
      waitingBytes = 0
    },
  }
}
