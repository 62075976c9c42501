import { describe, expect, it, vi } from 'vitest'
import { toBytes } from '../testing/recording-session.js'
import { connect, message } from './memory-fixtures.js'
import { createMemoryBroker } from './memory-transport.js'
import type { OutboundMessage } from './transport.js'

describe('what the broker does not take', () => {
  it.each<[string, Partial<OutboundMessage>, string]>([
    ['no topic', { topic: '' }, 'TOPIC_INVALID'],
    ['a filter', { topic: 'a/+' }, 'TOPIC_INVALID'],
    ['a response topic that is a filter', { properties: { responseTopic: 'a/#' } }, 'TOPIC_INVALID'],
    ['too many bytes', { payload: new Uint8Array(95) }, 'PACKET_TOO_LARGE'],
    [
      'too many bytes in properties',
      { payload: new Uint8Array(80), properties: { userProperties: { name: 'value' } } },
      'PACKET_TOO_LARGE',
    ],
  ])('%s', async (_, wrong, code) => {
    const published = vi.fn()
    const broker = createMemoryBroker({ published, maxPacketBytes: 100 })
    const { transport } = await connect(broker)
    await expect(transport.publish(message('x', '', wrong))).rejects.toMatchObject({ name: 'MemoryTransportError', code })
    await expect(broker.publish(message('x', '', wrong))).rejects.toMatchObject({ code })
    expect(published).not.toHaveBeenCalled()
  })

  // Sizes as mqtt-packet writes them: fixed header, topic, packet identifier, properties, payload.
  it.each<[protocol: '5' | '3.1.1', bytes: number, more: Partial<OutboundMessage>]>([
    ['3.1.1', 2 + 3 + 0, { qos: 0 }],
    ['3.1.1', 2 + 3 + 2, { qos: 1 }],
    ['5', 2 + 3 + 2 + 1, { qos: 2 }],
    ['5', 3 + 3 + 2 + 1 + 200, { payload: new Uint8Array(200) }],
    ['5', 4 + 3 + 2 + 1 + 20_000, { payload: new Uint8Array(20_000) }],
    [
      '5',
      2 + 3 + 2 + 1 + 5 + 4 + 4 + 5 + 8,
      {
        properties: {
          messageExpirySeconds: 1,
          contentType: 'a',
          responseTopic: 'r',
          correlationData: toBytes('cc'),
          userProperties: { a: 'å' },
        },
      },
    ],
  ])('MQTT %s: %i bytes count as that many', async (protocol, bytes, more) => {
    const publish = (maxPacketBytes: number) => createMemoryBroker({ protocol, maxPacketBytes }).publish(message('x', '', more))
    await expect(publish(bytes)).resolves.toBeUndefined()
    await expect(publish(bytes - 1)).rejects.toMatchObject({ code: 'PACKET_TOO_LARGE' })
  })
})
