import { describe, it } from 'vitest'
import { createMemoryBroker, type MemoryBrokerOptions } from '../transport/memory-transport.js'
import { transportContract } from './transport-contract.js'

const brokers: readonly (readonly [string, MemoryBrokerOptions])[] = [
  ['memory, MQTT 5', { protocol: '5' }],
  ['memory, MQTT 3.1.1', { protocol: '3.1.1' }],
  ['memory, one delivery for each subscription', { overlaps: 'each' }],
]

for (const [name, options] of brokers) {
  transportContract({
    describe,
    it,
    name,
    open() {
      const broker = createMemoryBroker(options)
      return {
        transport: (client) => broker.transport(client),
        disconnect: ({ clientId }) => broker.disconnect(clientId),
        reconnect: ({ clientId }) => broker.reconnect(clientId),
        close: () => {},
      }
    },
  })
}
