import type { OutboundMessage } from '@butlerkit/core'
import { MqttError } from './errors.js'
import { createFifo } from './fifo.js'
import { show } from './limits.js'
import type { MqttOutboxOptions } from './options.js'

/** Messages on their way out: those that wait, and those the broker has not yet acknowledged. */
export interface Outbox {
  /**
   * Sends the message as soon as there is a connection and room in its window.
   *
   * @throws {@link MqttError} `MQTT_OUTBOX_FULL`; what {@link OutboxOptions.send} failed with; the signal's reason, when it aborts first
   */
  add(message: OutboundMessage, signal?: AbortSignal): Promise<void>
  /** The same for a message of an earlier life, for which there is always room. */
  restore(message: OutboundMessage): Promise<void>
  /**
   * A connection stands: up to `window` messages may be under way, `windowQos2` of them of QoS 2.
   *
   * @param problemOf - what is wrong with a message that has waited, on this connection
   */
  resume(window: number, windowQos2?: number, problemOf?: (message: OutboundMessage) => MqttError | undefined): void
  /** The connection is gone. What is under way at QoS 1 and 2 stays so: the link sends it again. QoS 0 fails with `error`. */
  pause(error: MqttError): void
  /** Resolves once nothing waits and nothing is under way. */
  idle(): Promise<void>
  /** Fails whatever is left, and whatever comes later. */
  close(error: MqttError): void
}

export interface OutboxOptions extends Required<Omit<MqttOutboxOptions, 'persist'>> {
  /** Hands a message to the connection; `done` is called once, with what went wrong or when the broker has it. */
  readonly send: (message: OutboundMessage, done: (error?: MqttError) => void) => void
}

interface Entry {
  readonly message: OutboundMessage
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  /** Stops listening to the signal, where there is one. */
  unlisten?: () => void
}

/** A bounded first-in-first-out queue in front of a window of unacknowledged messages. */
export function createOutbox({ max, whenFull, send }: OutboxOptions): Outbox {
  const waiting = createFifo<Entry>()
  const underWay = new Set<Entry>()
  let window = 0
  let windowQos2 = 0
  let underWayQos2 = 0
  let sending = false
  let closed: MqttError | undefined
  let idlers: (() => void)[] = []

  function transmit(entry: Entry): void {
    underWay.add(entry)
    if (entry.message.qos === 2) underWayQos2 += 1
    send(entry.message, (error) => {
      settle(entry, error)
      leave(entry)
    })
  }

  function leave(entry: Entry): void {
    if (!underWay.delete(entry)) return
    if (entry.message.qos === 2) underWayQos2 -= 1
    sendWaiting()
    tellIdlers()
  }

  function hasRoom({ qos }: OutboundMessage): boolean {
    return underWay.size < window && (qos < 2 || underWayQos2 < windowQos2)
  }

  function sendWaiting(): void {
    // A QoS 0 message is done before transmit returns, and would come back here once for each that waits.
    if (sending) return
    sending = true
    for (let next = waiting.peek(); next !== undefined && hasRoom(next.message); next = waiting.peek()) {
      waiting.shift()
      transmit(next)
    }
    sending = false
  }

  function tellIdlers(): void {
    if (waiting.size + underWay.size > 0) return
    for (const resolve of idlers.splice(0)) resolve()
  }

  function makeRoom(message: OutboundMessage): void {
    if (waiting.size < max) return
    const full = (dropped: OutboundMessage) =>
      new MqttError('MQTT_OUTBOX_FULL', `publish ${show(dropped.topic)}: ${max} messages already wait to be sent`)
    const oldest = whenFull === 'reject' ? undefined : waiting.shift()
    if (oldest === undefined) throw full(message)
    settle(oldest, full(oldest.message))
  }

  function enqueue(message: OutboundMessage, signal: AbortSignal | undefined, bounded: boolean): Promise<void> {
    if (closed) return Promise.reject(closed)
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const direct = waiting.size === 0 && hasRoom(message)
      if (!direct && bounded) makeRoom(message)
      const entry: Entry = { message, resolve, reject }
      if (signal) giveUpOn(signal, entry)
      if (direct) transmit(entry)
      else waiting.push(entry)
    })
  }

  function giveUpOn(signal: AbortSignal, entry: Entry): void {
    const abort = () => {
      settle(entry, signal.reason)
      if (waiting.remove(entry)) tellIdlers()
    }
    signal.addEventListener('abort', abort, { once: true })
    entry.unlisten = () => signal.removeEventListener('abort', abort)
  }

  return {
    add: (message, signal) => enqueue(message, signal, true),
    restore: (message) => enqueue(message, undefined, false),
    resume(newWindow, newWindowQos2 = newWindow, problemOf = () => undefined) {
      window = newWindow
      windowQos2 = newWindowQos2
      for (const entry of waiting.drain()) {
        const problem = problemOf(entry.message)
        if (problem === undefined) waiting.push(entry)
        else settle(entry, problem)
      }
      sendWaiting()
      tellIdlers()
    },
    pause(error) {
      window = 0
      // A QoS 0 message that waited for the socket to drain went with it.
      for (const entry of underWay) {
        if (entry.message.qos > 0) continue
        underWay.delete(entry)
        settle(entry, error)
      }
      tellIdlers()
    },
    idle() {
      return new Promise((resolve) => {
        idlers.push(resolve)
        tellIdlers()
      })
    },
    close(error) {
      closed = error
      window = 0
      for (const entry of [...waiting.drain(), ...underWay]) settle(entry, error)
      underWay.clear()
      tellIdlers()
    },
  }
}

/** The first time counts. */
function settle({ resolve, reject, unlisten }: Entry, error?: unknown): void {
  unlisten?.()
  if (error === undefined) resolve()
  else reject(error)
}
