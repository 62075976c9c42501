import { MqttError } from './errors.js'
import { show } from './limits.js'

/** What becomes of messages a broker hangs up on. */
export interface HangUps {
  /** Whether messages of this topic name are not sent at all. */
  refuses(topic: string): boolean
  /** The topic names it refuses now. */
  readonly refused: readonly string[]
  /**
   * A connection was lost while this was the oldest message without an answer, for the `losses`th time.
   *
   * @returns what fails: nothing yet, this `message`, or every message of its `topic`
   */
  judge(topic: string, losses: number): 'nothing' | 'message' | 'topic'
  /** The broker has taken a message of this topic name. */
  allowed(topic: string): void
  /** There is another broker, which may allow what the former did not. */
  forgive(): void
}

/**
 * A broker of MQTT 3.1.1 has no other answer to a message it does not allow than to drop it or to hang up; with MQTT 5 it may say so in
 * DISCONNECT ({@link meansMessage}). It would hang up each time the message comes again, and nothing else would get through: after
 * {@link mostLosses} times it fails. Where the next of its topic name does
 * so, too, it was not this one message, and all of the topic name fail for ten minutes.
 */
export function createHangUps(): HangUps {
  /** Topic names whose last message failed. */
  const failed = new Set<string>()
  /** By topic name, until when its messages are refused: a time as `Date.now()` has it. */
  const refusedUntil = new Map<string, number>()

  function refuses(topic: string): boolean {
    const until = refusedUntil.get(topic)
    if (until === undefined) return false
    if (until > Date.now()) return true
    refusedUntil.delete(topic)
    failed.delete(topic)
    return false
  }

  return {
    refuses: (topic) => refusedUntil.size > 0 && refuses(topic),
    get refused() {
      return [...refusedUntil.keys()].filter(refuses)
    },
    judge(topic, losses) {
      if (losses < mostLosses) return 'nothing'
      if (failed.has(topic)) {
        refusedUntil.set(topic, Date.now() + refusedForMs)
        return 'topic'
      }
      failed.add(topic)
      return 'message'
    },
    allowed(topic) {
      if (failed.size > 0) failed.delete(topic)
    },
    forgive() {
      failed.clear()
      refusedUntil.clear()
    },
  }
}

/**
 * Whether the reason code of a DISCONNECT may mean a message we sent: malformed packet, protocol error, not authorized, topic name invalid,
 * packet too large, quota exceeded, payload format invalid, retain or QoS not supported (MQTT 5.0, section 3.14.2.1).
 */
export function meansMessage(reasonCode: number | undefined): boolean {
  return [0x81, 0x82, 0x87, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b].includes(reasonCode ?? 0)
}

/** What a message fails with that the broker hangs up on. */
export function hungUpOn(topic: string): MqttError {
  const message = `publish ${show(topic)}: the connection was lost each of the ${mostLosses} times it was sent`
  return new MqttError('MQTT_PUBLISH_REFUSED', message, { hint: 'the broker may not allow it' })
}

/** More than a bad network loses in a row, with a connection that stood and nothing acknowledged on it. */
export const mostLosses = 5

/** Long enough for all else to go on, short enough for what was allowed meanwhile, or was no fault of the message. */
const refusedForMs = 600_000
