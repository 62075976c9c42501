import type { OutboundMessage } from '@butlerkit/core'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Writable } from 'node:stream'
import type { MqttClient } from 'mqtt'
import { expect, it } from 'vitest'
import { propertiesBytes } from './properties.js'
import { aliasBytes, publishBytes, writePublish, type PublishHead } from './publish-packet.js'
import { createTurnWriter } from './turn-writer.js'

const old: PublishHead = { version: 4, packetId: 0x0102, again: false, alias: 0, nameless: false }
const five: PublishHead = { ...old, version: 5 }
const message: OutboundMessage = { topic: 'a/b', payload: Buffer.from('xy'), qos: 0, retain: false }

async function bytesOf(sent: OutboundMessage, head: PublishHead): Promise<Buffer> {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  const writer = createTurnWriter()
  writer.use(stream as unknown as MqttClient['stream'])
  writePublish(writer, sent, head)
  await nextTurn()
  return Buffer.concat(chunks)
}

const ascii = (text: string) => [...Buffer.from(text)]
const hex = (text: string) => [...Buffer.from(text.replaceAll(' ', ''), 'hex')]

// MQTT 3.1.1 and 5.0, section 3.3.
it.each<[string, Partial<OutboundMessage>, Partial<PublishHead>, number[]]>([
  ['QoS 0', {}, {}, [0x30, 7, 0, 3, ...ascii('a/bxy')]],
  ['QoS 1, which has an identifier', { qos: 1 }, {}, [0x32, 9, 0, 3, ...ascii('a/b'), 1, 2, ...ascii('xy')]],
  ['QoS 2, retained, sent before', { qos: 2, retain: true }, { again: true }, [0x3d, 9, 0, 3, ...ascii('a/b'), 1, 2, ...ascii('xy')]],
  ['a topic that is not ASCII', { topic: 'ü' }, {}, [0x30, 6, 0, 2, 0xc3, 0xbc, ...ascii('xy')]],
  ['no payload', { payload: new Uint8Array() }, {}, [0x30, 5, 0, 3, ...ascii('a/b')]],
  ['MQTT 5 without properties', {}, { version: 5 }, [0x30, 8, 0, 3, ...ascii('a/b'), 0, ...ascii('xy')]],
  ['an alias and its topic', {}, { version: 5, alias: 7 }, [0x30, 11, 0, 3, ...ascii('a/b'), 3, 0x23, 0, 7, ...ascii('xy')]],
  ['an alias alone', {}, { version: 5, alias: 7, nameless: true }, [0x30, 8, 0, 0, 3, 0x23, 0, 7, ...ascii('xy')]],
  [
    'every property',
    {
      properties: {
        contentType: 'c',
        messageExpirySeconds: 0x01020304,
        responseTopic: 'r',
        correlationData: new Uint8Array([8, 9]),
        userProperties: { n: 'vé', m: '' },
      },
    },
    { version: 5 },
    hex('30 29 0003 612f62 21 02 01020304 03 0001 63 08 0001 72 09 0002 0809 26 0001 6e 0003 76c3a9 26 0001 6d 0000 7879'),
  ],
])('writes %s', async (_name, more, head, bytes) => {
  expect([...(await bytesOf({ ...message, ...more }, { ...old, ...head }))]).toEqual(bytes)
})

it('leaves out properties before MQTT 5', async () => {
  expect(await bytesOf({ ...message, properties: { contentType: 'c' } }, old)).toEqual(await bytesOf(message, old))
})

it.each([0, 1, 110, 120, 127, 128, 4_000, 4_096, 4_097, 16_370, 16_400, 2_097_130, 2_097_160])(
  'says how long it is, and says it before: payload of %i bytes',
  async (length) => {
    const payload = new Uint8Array(length).fill(0x78)
    const properties = { contentType: 'text/plain', userProperties: { a: 'b' } }
    const sent = { ...message, payload, properties, qos: 1 } as const
    for (const [head, propertyBytes] of [
      [old, undefined],
      [{ ...five, alias: 300 }, propertiesBytes(properties) + aliasBytes],
    ] as const) {
      const bytes = await bytesOf(sent, head)
      expect(publishBytes(sent, propertyBytes)).toBe(bytes.length)
      let remaining = 0
      let at = 1
      do remaining |= ((bytes[at] ?? 0) & 0x7f) << (7 * (at - 1))
      while ((bytes[at++] ?? 0) > 0x7f)
      expect(remaining).toBe(bytes.length - at)
      expect(bytes.subarray(bytes.length - length).equals(payload)).toBe(true)
    }
  },
)
