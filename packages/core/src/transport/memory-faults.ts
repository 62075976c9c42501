import { topicMatches } from '../topic/topic-filter.js'
import type { OutboundMessage } from './transport.js'

/** What a client asks of the broker, as {@link MemoryFaults.refuseNext} names it. */
export type MemoryOperation = 'connect' | 'subscribe' | 'publish'

/** Faults to come. Each call arms one, for the next message that is taken or the next thing that is asked; calls add up. */
export interface MemoryFaults {
  /**
   * Delivers the next message twice to each receiver. At QoS 1 the copy is marked DUP, as when an acknowledgement was lost. At QoS 2 its
   * receivers know it by its packet identifier and hand it on once: [MQTT-4.3.3-10].
   *
   * @param filter - only a message it matches. @defaultValue any message
   */
  duplicateNext(filter?: string): void
  /**
   * Loses the next message on its way to each receiver. At QoS 1 and 2 a kept session delivers it again, marked DUP, after its next connect;
   * at QoS 0 it is gone.
   *
   * @param filter - only a message it matches. @defaultValue any message
   */
  dropNext(filter?: string): void
  /**
   * Holds the next message back from each receiver. What comes for them after it waits behind it: the order is kept.
   *
   * @param ms - milliseconds on the broker's clock
   * @param filter - only a message it matches. @defaultValue any message
   */
  delayNext(ms: number, filter?: string): void
  /** Makes the next such thing that a transport asks of the broker fail with this error. */
  refuseNext(operation: MemoryOperation, error: Error): void
}

/** What is to happen to one message on its way to its receivers. */
export interface MessageFaults {
  readonly duplicate: boolean
  readonly drop: boolean
  readonly delayMs: number
}

/** An undisturbed way. */
export const noFaults: MessageFaults = { duplicate: false, drop: false, delayMs: 0 }

/** Faults armed, and taken when they happen. */
export interface FaultBox extends MemoryFaults {
  takeFor(message: OutboundMessage): MessageFaults
  /** @throws what the operation is to be refused with */
  check(operation: MemoryOperation): void
}

interface ArmedFault {
  readonly kind: 'duplicate' | 'drop' | 'delay'
  readonly filter: string | undefined
  readonly ms: number
}

export function createFaultBox(): FaultBox {
  const armed: ArmedFault[] = []
  const refusals: { readonly operation: MemoryOperation; readonly error: Error }[] = []

  return {
    duplicateNext: (filter) => void armed.push({ kind: 'duplicate', filter, ms: 0 }),
    dropNext: (filter) => void armed.push({ kind: 'drop', filter, ms: 0 }),
    delayNext: (ms, filter) => void armed.push({ kind: 'delay', filter, ms }),
    refuseNext: (operation, error) => void refusals.push({ operation, error }),
    takeFor: ({ topic }) => ({
      duplicate: take('duplicate', topic) !== undefined,
      drop: take('drop', topic) !== undefined,
      delayMs: take('delay', topic)?.ms ?? 0,
    }),
    check(operation) {
      const index = refusals.findIndex((refusal) => refusal.operation === operation)
      const [refusal] = index === -1 ? [] : refusals.splice(index, 1)
      if (refusal) throw refusal.error
    },
  }

  function take(kind: ArmedFault['kind'], topic: string): ArmedFault | undefined {
    const index = armed.findIndex((fault) => fault.kind === kind && (fault.filter === undefined || topicMatches(fault.filter, topic)))
    return index === -1 ? undefined : armed.splice(index, 1)[0]
  }
}
