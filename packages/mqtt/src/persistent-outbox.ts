import type { MessageProperties, OutboundMessage } from '@butlerkit/core'
import { MqttError } from './errors.js'
import type { MqttOutboxStore } from './options.js'
import type { Outbox } from './outbox.js'
import { toBuffer } from './properties.js'

/** Keys are in the order of time: milliseconds, and a number within the process. */
let lastKey = 0

/** An outbox over a store. Its `idle` waits for the store as well. */
export interface PersistentOutbox extends Outbox {
  /** Sends what an earlier life has left. */
  load(): Promise<void>
}

/** What a {@link PersistentOutbox} needs beside its store. */
export interface PersistOptions {
  /** Checks a message again that was given before it was stored. */
  readonly check: (message: OutboundMessage) => void
  /** The store failed. */
  readonly onError: (error: unknown) => void
}

/** The same outbox, which keeps messages of QoS 1 and 2 in `store` until the broker has them or has refused them. */
export function persistOutbox(outbox: Outbox, store: MqttOutboxStore, { check, onError }: PersistOptions): PersistentOutbox {
  let stored: Promise<unknown> = Promise.resolve()
  const unfinished = new Set<Promise<void>>()

  async function keep(message: OutboundMessage, signal: AbortSignal | undefined): Promise<void> {
    lastKey = Math.max(lastKey + 1, Date.now() * 1_000)
    const key = String(lastKey).padStart(17, '0')
    // One after the other, so that they are sent in the order they were given.
    const put = stored.then(() => store.put(key, encode(message)))
    stored = put.catch(() => {})
    await put
    await forgetOnceSent(key, send(message, signal))
  }

  async function send(message: OutboundMessage, signal: AbortSignal | undefined): Promise<void> {
    check(message)
    await outbox.add(message, signal)
  }

  /** Takes the message out of the store once it is settled; one that only had no time stays there. */
  async function forgetOnceSent(key: string, sent: Promise<void>): Promise<void> {
    try {
      await sent
    } catch (error) {
      if (!MqttError.is(error, 'MQTT_CLOSED')) await store.del(key).catch(onError)
      throw error
    }
    await store.del(key).catch(onError)
  }

  function follow(work: Promise<void>): Promise<void> {
    unfinished.add(work)
    const forget = () => unfinished.delete(work)
    work.then(forget, forget)
    return work
  }

  return {
    ...outbox,
    add: (message, signal) => (message.qos === 0 ? outbox.add(message, signal) : follow(keep(message, signal))),
    async idle() {
      await outbox.idle()
      await Promise.allSettled(unfinished)
    },
    async load() {
      for await (const [key, value] of store.iterator()) {
        follow(forgetOnceSent(key, outbox.restore(decode(value)))).catch((error: unknown) => {
          if (!MqttError.is(error, 'MQTT_CLOSED')) onError(error)
        })
      }
    },
  }
}

/** A message as JSON: bytes are in base64. */
interface Kept extends Omit<OutboundMessage, 'payload' | 'properties'> {
  readonly payload: string
  readonly properties: Omit<MessageProperties, 'correlationData'> & { readonly correlationData?: string }
}

function encode({ payload, properties, ...message }: OutboundMessage): Uint8Array {
  const { correlationData, ...others } = properties ?? {}
  const kept: Kept = {
    ...message,
    payload: toBuffer(payload).toString('base64'),
    properties: { ...others, ...(correlationData && { correlationData: toBuffer(correlationData).toString('base64') }) },
  }
  return Buffer.from(JSON.stringify(kept))
}

function decode(value: Uint8Array): OutboundMessage {
  const { payload, properties, ...message } = JSON.parse(Buffer.from(value).toString()) as Kept
  const { correlationData, ...others } = properties
  return {
    ...message,
    payload: Buffer.from(payload, 'base64'),
    properties: { ...others, ...(correlationData !== undefined && { correlationData: Buffer.from(correlationData, 'base64') }) },
  }
}
