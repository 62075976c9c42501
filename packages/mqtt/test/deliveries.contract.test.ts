import type { OutboundMessage, QoS } from '@butlerkit/core'
import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDeliveries, firstForeignId, type Deliveries } from '../src/deliveries.js'
import { mostLosses } from '../src/hang-ups.js'
import type { MqttError } from '../src/errors.js'
import { packets, startWireBroker, type WireConnection } from './wire-broker.js'
import { cut, dial, makeClient } from './wire-client.js'

const notAuthorized = 0x87

const message = (payload: string, qos: QoS, topic = 'a'): OutboundMessage => ({
  topic,
  payload: Buffer.from(payload),
  qos,
  retain: false,
})

// What mqtt.js must go on doing so that deliveries.ts can send past it. A broker of bare bytes sees every byte.
describe.each([4, 5] as const)('deliveries beside mqtt.js, protocol version %i', (protocolVersion) => {
  const { connack, disconnect, publish, puback, pubrec, pubrel, pubcomp } = packets(protocolVersion)
  let broker: Awaited<ReturnType<typeof startWireBroker>>
  let client: MqttClient
  let wire: WireConnection
  let deliveries: Deliveries
  let endings: string[]
  let changed: () => void
  const onError = vi.fn<(error: Error) => void>()

  beforeEach(async () => {
    onError.mockReset()
    endings = []
    changed = () => {}
    broker = await startWireBroker()
    client = makeClient(broker, protocolVersion)
    client.on('error', onError)
    // The first identifier is 1.
    vi.spyOn(Math, 'random').mockReturnValue(0)
    deliveries = createDeliveries(client, protocolVersion)
    vi.restoreAllMocks()
    wire = await dial(client, broker, connack(false))
  })

  afterEach(async () => {
    client.end(true)
    await broker.close()
    if (onError.mock.calls.length > 0) throw onError.mock.calls[0]?.[0]
  })

  function send(payload: string, qos: QoS): void {
    deliveries.send(message(payload, qos), (error) => {
      endings.push(error ? `${payload}: ${error.code}, ${error.message}` : payload)
      changed()
    })
  }

  function ended(count: number): Promise<void> {
    return new Promise((resolve) => {
      changed = () => endings.length >= count && resolve()
      changed()
    })
  }

  async function expectSent(...expected: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(expected)
    expect(await wire.read(bytes.length)).toEqual(bytes)
  }

  /** Nothing has been sent since. */
  async function expectSilence(): Promise<void> {
    const end = publish('end', '')
    deliveries.send(message('', 0, 'end'), () => {})
    expect(await wire.readUntil(end)).toHaveLength(0)
  }

  it('sends what belongs to one turn in one write', async () => {
    const write = vi.spyOn(client.stream, 'write')
    for (const [index, qos] of ([0, 1, 2] as const).entries()) send(`${index}`, qos)
    await expectSent(publish('a', '0'), publish('a', '1', { qos: 1, id: 1 }), publish('a', '2', { qos: 2, id: 2 }))
    expect(write).toHaveBeenCalledTimes(1)
    expect(endings).toEqual(['0'])
  })

  it('is done at PUBACK, and at PUBCOMP after PUBREC was answered with PUBREL', async () => {
    send('1', 1)
    send('2', 2)
    await expectSent(publish('a', '1', { qos: 1, id: 1 }), publish('a', '2', { qos: 2, id: 2 }))
    wire.write(pubrec(2))
    await expectSent(pubrel(2))
    expect(endings).toEqual([])
    wire.write(puback(1), pubcomp(2))
    await ended(2)
    expect(endings).toEqual(['1', '2'])
    await expectSilence()
  })

  it('sends again on the next connection what was not acknowledged, in its order and marked, and PUBREL where that was due', async () => {
    send('1', 2)
    send('2', 1)
    send('3', 2)
    wire.write(pubrec(1))
    await wire.readUntil(pubrel(1))
    await cut(client, wire)
    send('4', 1)
    wire = await dial(client, broker, connack(true))
    await expectSent(
      pubrel(1),
      publish('a', '2', { qos: 1, id: 2, dup: true }),
      publish('a', '3', { qos: 2, id: 3, dup: true }),
      publish('a', '4', { qos: 1, id: 4 }),
    )
    wire.write(pubcomp(1), puback(2), pubrec(3), puback(4))
    await expectSent(pubrel(3))
    wire.write(pubcomp(3))
    await ended(4)
    expect(endings).toEqual(['1', '2', '4', '3'])
  })

  /** As a broker does on what it does not allow. */
  async function hangUp(): Promise<void> {
    if (protocolVersion === 4) return cut(client, wire)
    const closed = new Promise<void>((resolve) => client.once('close', resolve))
    client.once('disconnect', () => client.stream.destroy())
    wire.write(disconnect(notAuthorized))
    await closed
  }

  it('fails the oldest message once the broker has hung up five times over it, and sends those behind it', async () => {
    for (const payload of ['1', '2']) send(payload, 1)
    for (let lost = 1; lost < mostLosses; lost += 1) {
      await hangUp()
      wire = await dial(client, broker, connack(true))
    }
    expect(endings).toEqual([])
    await hangUp()
    const reason = 'publish "a": the connection was lost each of the 5 times it was sent (the broker may not allow it)'
    expect(endings).toEqual([`1: MQTT_PUBLISH_REFUSED, ${reason}`])
    wire = await dial(client, broker, connack(true))
    await expectSent(publish('a', '2', { qos: 1, id: 2, dup: true }))
    wire.write(puback(2))
    await ended(2)
  })

  it('blames a message for lost connections only where the broker has no word for it', async () => {
    const blamed = { 4: [expect.stringContaining('1: MQTT_PUBLISH_REFUSED')], 5: ['1'] }[protocolVersion]
    send('1', 1)
    for (let lost = 0; lost < mostLosses; lost += 1) {
      await cut(client, wire)
      wire = await dial(client, broker, connack(true))
    }
    wire.write(puback(1))
    await ended(1)
    expect(endings).toEqual(blamed)
  })

  it('blames no message that was not sent on the connections that were lost', async () => {
    send('1', 1)
    for (let lost = 0; lost < mostLosses; lost += 1) {
      await cut(client, wire)
      client.connect()
      wire = await broker.accept()
    }
    await cut(client, wire)
    wire = await dial(client, broker, connack(true))
    await expectSent(publish('a', '1', { qos: 1, id: 1, dup: true }))
    wire.write(puback(1))
    await ended(1)
    expect(endings).toEqual(['1'])
  })

  it('sends a message of QoS 2 as a whole again to a broker that has lost the session', async () => {
    send('1', 2)
    wire.write(pubrec(1))
    await wire.readUntil(pubrel(1))
    await cut(client, wire)
    wire = await dial(client, broker, connack(false))
    await expectSent(publish('a', '1', { qos: 2, id: 1, dup: true }))
    wire.write(pubrec(1))
    await expectSent(pubrel(1))
    wire.write(pubcomp(1))
    await ended(1)
  })

  it.each(protocolVersion === 5 ? [2] : [])('sends no more again at a time than the broker now lets it: %i', async (receiveMaximum) => {
    for (const payload of ['1', '2', '3']) send(payload, 1)
    await cut(client, wire)
    wire = await dial(client, broker, Buffer.from([0x20, 6, 1, 0, 3, 0x21, 0, receiveMaximum]))
    send('4', 1)
    await expectSent(...['1', '2'].map((payload, index) => publish('a', payload, { qos: 1, id: index + 1, dup: true })))
    await expectSilence()
    wire.write(puback(2))
    await expectSent(publish('a', '3', { qos: 1, id: 3, dup: true }))
    wire.write(puback(1))
    await expectSent(publish('a', '4', { qos: 1, id: 4 }))
    wire.write(puback(3), puback(4))
    await ended(4)
    expect(endings).toEqual(['2', '1', '3', '4'])
  })

  it.each(protocolVersion === 5 ? [0] : [])('fails what the next broker would hang up on, and sends the rest: %i', async () => {
    const large = { ...message('', 1), payload: Buffer.alloc(100) }
    deliveries.send(large, (error) => void endings.push(`large: ${error?.code}`))
    deliveries.send({ ...message('', 1), retain: true }, (error) => void endings.push(`retained: ${error?.code}`))
    send('3', 2)
    send('4', 2)
    send('5', 1)
    wire.write(pubrec(3))
    await wire.readUntil(pubrel(3))
    await cut(client, wire)
    // Maximum QoS 1, no retained messages, packets of 50 bytes.
    const properties = [0x24, 1, 0x25, 0, 0x27, 0, 0, 0, 50]
    wire = await dial(client, broker, Buffer.from([0x20, 3 + properties.length, 1, 0, properties.length, ...properties]))
    await expectSent(pubrel(3), publish('a', '5', { qos: 1, id: 5, dup: true }))
    expect(endings).toEqual([
      'large: MQTT_PACKET_TOO_LARGE',
      'retained: MQTT_UNSUPPORTED',
      '4: MQTT_UNSUPPORTED, publish "a": the broker takes QoS 1 at most, not 2',
    ])
    wire.write(pubcomp(3), puback(5))
    await ended(5)
    await expectSilence()
  })

  it('gives an identifier to another message only when the first is done, and none that mqtt.js may give', async () => {
    send('stays', 1)
    for (let id = 2; id < firstForeignId; id += 200) {
      const ids = Array.from({ length: Math.min(200, firstForeignId - id) }, (_, index) => id + index)
      await Promise.all(ids.map((each) => acknowledge(each)))
    }
    send('next', 1)
    await expectSent(publish('a', 'next', { qos: 1, id: 2 }))

    async function acknowledge(id: number): Promise<void> {
      const done = new Promise((resolve) => deliveries.send(message('', 1), resolve))
      if (id % 200 === 1 || id === firstForeignId - 1) {
        await wire.readUntil(publish('a', '', { qos: 1, id }))
        wire.write(...Array.from({ length: 200 }, (_, index) => puback(id - index)).filter((bytes) => bytes.readUInt16BE(2) > 1))
      }
      await done
    }
  })

  it('leaves to mqtt.js what mqtt.js has sent, and passes over answers that fit nothing', async () => {
    const own = client.publishAsync('own', 'x', { qos: 1 })
    await wire.readUntil(Buffer.from('own'))
    const id = client.getLastMessageId()
    wire.write(puback(id === 7 ? 8 : 7), pubcomp(9), puback(id))
    await expect(own).resolves.toBeDefined()
    send('1', 1)
    send('2', 2)
    await wire.readUntil(publish('a', '2', { qos: 2, id: 2 }))
    wire.write(pubrec(1), pubcomp(2), puback(2), puback(1))
    await ended(1)
    expect(endings).toEqual(['1'])
  })

  it.each(protocolVersion === 5 ? [0x87] : [])('fails what the broker refuses, with its reason: %i', async (reasonCode) => {
    send('1', 1)
    send('2', 2)
    send('3', 2)
    await wire.readUntil(publish('a', '3', { qos: 2, id: 3 }))
    const notHere = Buffer.from('not here')
    wire.write(Buffer.from([0x40, 4 + 3 + notHere.length, 0, 1, reasonCode, 3 + notHere.length, 0x1f, 0, notHere.length, ...notHere]))
    wire.write(Buffer.from([0x50, 4, 0, 2, 0x97, 0]), pubrec(3))
    await expectSent(pubrel(3))
    // The broker has forgotten that it took the message.
    wire.write(Buffer.from([0x70, 4, 0, 3, 0x92, 0]))
    await ended(3)
    expect(endings).toEqual([
      '1: MQTT_PUBLISH_REFUSED, publish "a": Not authorized (0x87, "not here")',
      '2: MQTT_PUBLISH_REFUSED, publish "a": Quota exceeded (0x97)',
      '3',
    ])
  })

  it('takes "no matching subscribers" for success', async () => {
    send('1', 1)
    await expectSent(publish('a', '1', { qos: 1, id: 1 }))
    wire.write(protocolVersion === 5 ? Buffer.from([0x40, 4, 0, 1, 0x10, 0]) : puback(1))
    await ended(1)
    expect(endings).toEqual(['1'])
  })

  it('fails QoS 0 where there is no connection, and keeps QoS 1 for the next', async () => {
    await cut(client, wire)
    send('0', 0)
    send('1', 1)
    expect(endings).toEqual(['0: MQTT_NOT_CONNECTED, publish "a": the connection was lost'])
    wire = await dial(client, broker, connack(false))
    await expectSent(publish('a', '1', { qos: 1, id: 1 }))
  })

  it('is done with QoS 0 only when the socket has taken it, where the payload is large', async () => {
    const large = { ...message('', 0), payload: Buffer.alloc(200_000, 'x') }
    const done = new Promise<MqttError | undefined>((resolve) => deliveries.send(large, resolve))
    let isDone = false
    void done.then(() => (isDone = true))
    await Promise.resolve()
    expect(isDone).toBe(false)
    expect(await done).toBeUndefined()
    expect((await wire.read(200_000)).subarray(-100).toString()).toBe('x'.repeat(100))
  })
})
