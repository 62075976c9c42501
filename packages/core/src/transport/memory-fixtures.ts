import { recordSession, toBytes, toText, type RecordingOptions } from '../testing/recording-session.js'
import type { MemoryTransportOptions } from './memory-client.js'
import type { MemoryBroker } from './memory-transport.js'
import type { Disposition, OutboundMessage, QoS } from './transport.js'

export const durable = { clientId: 'a', durable: true } as const
export const status = { topic: 'status', online: toBytes('online'), draining: toBytes('draining'), offline: toBytes('offline') }

export function message(topic: string, text = '', more: Partial<OutboundMessage> = {}): OutboundMessage {
  return { topic, payload: toBytes(text), qos: 1, retain: false, ...more }
}

/** Opens a client; its filters are subscribed to at QoS 2 unless they say otherwise. */
export async function connect(
  broker: MemoryBroker,
  filters: readonly (string | readonly [filter: string, qos: QoS])[] = [],
  options: MemoryTransportOptions = {},
  session: Omit<RecordingOptions, 'subscriptions'> = {},
) {
  const transport = broker.transport(options)
  const subscriptions = filters.map((each) =>
    typeof each === 'string' ? { filter: each, qos: 2 as const } : { filter: each[0], qos: each[1] },
  )
  const recorded = recordSession({ subscriptions, ...session })
  await transport.open(recorded)
  return { transport, session: recorded }
}

/** A `receive` whose messages are settled one by one, by their text. */
export function hold() {
  const settle = new Map<string, (disposition: Disposition) => void>()
  return {
    receive: ({ payload }: { readonly payload: Uint8Array }) => new Promise<Disposition>((resolve) => settle.set(toText(payload), resolve)),
    async settle(text: string, disposition: Disposition) {
      settle.get(text)?.(disposition)
      await turn()
    },
  }
}

export const turn = () => new Promise((resolve) => setImmediate(resolve))

export async function publishAll(broker: MemoryBroker, texts: readonly string[], more: Partial<OutboundMessage> = {}) {
  for (const text of texts) await broker.publish(message('x', text, more))
  await turn()
}
