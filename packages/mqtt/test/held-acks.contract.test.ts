import type { Disposition, InboundMessage } from '@butlerkit/core'
import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { holdAcks } from '../src/held-acks.js'
import { createInbox } from '../src/inbox.js'
import { readOptions } from '../src/options.js'
import { text } from './session.js'
import { packets, startWireBroker, type WireConnection } from './wire-broker.js'
import { cut, dial, makeClient } from './wire-client.js'

interface Handling {
  readonly message: InboundMessage
  settle(disposition: Disposition): void
  fail(error: Error): void
}

const nothing = Buffer.alloc(0)

// What mqtt.js must go on doing so that held-acks.ts can hold. A broker of bare bytes sees every byte, so an acknowledgement that
// mqtt.js sends by itself, or an acknowledgement in the wrong place, fails these tests.
describe.each([4, 5] as const)('holdAcks over mqtt.js, protocol version %i', (protocolVersion) => {
  const { connack, publish, aliased, puback, pubrec, pubrel, pubcomp } = packets(protocolVersion)
  let broker: Awaited<ReturnType<typeof startWireBroker>>
  let client: MqttClient
  let wire: WireConnection
  let handlings: Handling[]
  let arrived: () => void
  let receive: (message: InboundMessage) => Disposition | Promise<Disposition>
  const onError = vi.fn<(error: unknown) => void>()
  const onMessage = vi.fn<() => void>()
  const onLeft = vi.fn<(count: number) => void>()
  let held: ReturnType<typeof holdAcks>

  beforeEach(async () => {
    onError.mockReset()
    onMessage.mockReset()
    onLeft.mockReset()
    handlings = []
    arrived = () => {}
    receive = (message) =>
      new Promise((resolve, reject) => {
        handlings.push({ message, settle: resolve, fail: reject })
        arrived()
      })
    broker = await startWireBroker()
    client = newClient()
    hold(true)
    wire = await reconnect(false)
  })

  afterEach(async () => {
    client.end(true)
    await broker.close()
    // mqtt.js neither saw a message nor acknowledged one.
    if (onMessage.mock.calls.length > 0) throw new Error('mqtt.js emitted a message: it was not taken over')
  })

  function newClient(): MqttClient {
    const made = makeClient(broker, protocolVersion)
    made.on('message', onMessage)
    return made
  }

  function hold(durable: boolean): void {
    const { inbox, maxInFlight } = readOptions({ url: 'mqtt://broker.lab' })
    const told = { onError, dropping() {}, dropped() {} }
    held = holdAcks(client, {
      inbox: createInbox({ ...inbox, ...told, maxInFlight, receive: (message) => receive(message) }),
      onError,
      durable,
      left: onLeft,
    })
  }

  function reconnect(sessionPresent: boolean): Promise<WireConnection> {
    return dial(client, broker, connack(sessionPresent))
  }

  /** What the client has sent by the time it answers a PUBREL sent now: everything that was due. */
  function sent(): Promise<Buffer> {
    wire.write(pubrel(0xfff0))
    return wire.readUntil(pubcomp(0xfff0))
  }

  function handed(count: number): Promise<void> {
    return new Promise((resolve) => {
      arrived = () => handlings.length >= count && resolve()
      arrived()
    })
  }

  it('acknowledges QoS 1 only after the handler, and goes on reading meanwhile', async () => {
    wire.write(publish('a', '1', { qos: 1, id: 7 }), publish('b', '2', { qos: 1, id: 8 }), publish('c', '3'))
    await handed(3)
    expect(await sent()).toEqual(nothing)
    handlings[0]?.settle('ack')
    handlings[1]?.settle('ack')
    await wire.readUntil(Buffer.concat([puback(7), puback(8)]))
    expect(handlings.map(({ message }) => [message.topic, text(message.payload), message.qos])).toEqual([
      ['a', '1', 1],
      ['b', '2', 1],
      ['c', '3', 0],
    ])
  })

  it('releases in arrival order what completes out of order, in one write', async () => {
    wire.write(...[1, 2, 3].map((id) => publish('a', `${id}`, { qos: 1, id })))
    await handed(3)
    handlings[2]?.settle('ack')
    handlings[1]?.settle('ack')
    expect(await sent()).toEqual(nothing)
    const write = vi.spyOn(client.stream, 'write')
    handlings[0]?.settle('ack')
    await wire.readUntil(Buffer.concat([puback(1), puback(2), puback(3)]))
    expect(write).toHaveBeenCalledTimes(1)
  })

  it('passes over what is left, and acknowledges what comes after', async () => {
    wire.write(...[1, 2, 3].map((id) => publish('a', `${id}`, { qos: 1, id })))
    await handed(3)
    handlings[0]?.settle('ack')
    handlings[1]?.settle('leave')
    handlings[2]?.settle('ack')
    await handed(3)
    expect(await wire.readUntil(puback(3))).toEqual(puback(1))
    expect(await sent()).toEqual(nothing)
    expect(onLeft).toHaveBeenCalledExactlyOnceWith(1)
  })

  it('acknowledges what is left where no kept session would bring it again', async () => {
    client.end(true)
    client = newClient()
    hold(false)
    wire = await reconnect(false)
    receive = () => 'leave'
    wire.write(...[1, 2].map((id) => publish('a', `${id}`, { qos: id, id })))
    expect(await wire.readUntil(Buffer.concat([puback(1), pubrec(2)]))).toEqual(nothing)
    expect(onLeft.mock.calls).toEqual([[1], [2]])
  })

  it('acknowledges at the end of the turn when the handler answers at once', async () => {
    receive = () => 'ack'
    wire.write(publish('a', '1', { qos: 1, id: 1 }), publish('a', '2', { qos: 2, id: 2 }), publish('a', '3', { qos: 1, id: 3 }))
    expect(await wire.readUntil(Buffer.concat([puback(1), pubrec(2), puback(3)]))).toEqual(nothing)
  })

  it('holds PUBREC of QoS 2, answers PUBREL, and knows a repeated PUBLISH by its identifier', async () => {
    wire.write(publish('a', '1', { qos: 2, id: 9 }))
    await handed(1)
    expect(await sent()).toEqual(nothing)
    handlings[0]?.settle('ack')
    await wire.readUntil(pubrec(9))
    wire.write(publish('a', '1', { qos: 2, id: 9, dup: true }))
    await wire.readUntil(pubrec(9))
    wire.write(pubrel(9))
    await wire.readUntil(pubcomp(9))
    expect(handlings).toHaveLength(1)
    wire.write(publish('a', '2', { qos: 2, id: 9 }))
    await handed(2)
    expect(text(handlings[1]?.message.payload ?? nothing)).toBe('2')
  })

  it('leaves a message whose handler throws or rejects, tells of it, and goes on reading', async () => {
    const calls: string[] = []
    receive = ({ payload }) => {
      calls.push(text(payload))
      if (calls.length === 1) throw new Error('thrown')
      return calls.length === 2 ? Promise.reject(new Error('rejected')) : 'ack'
    }
    wire.write(...[1, 2, 3].map((id) => publish('a', `${id}`, { qos: 1, id })))
    expect(await wire.readUntil(puback(3))).toEqual(nothing)
    expect(calls).toEqual(['1', '2', '3'])
    expect(onError.mock.calls.map(([error]) => (error as Error).message)).toEqual(['thrown', 'rejected'])
  })

  it.each([1, 2])('does not hand on again what a resumed session repeats while it is handled, QoS %i', async (qos) => {
    wire.write(publish('a', '1', { qos, id: 5 }))
    await handed(1)
    await cut(client, wire)
    wire = await reconnect(true)
    wire.write(publish('a', '1', { qos, id: 5, dup: true }))
    expect(await sent()).toEqual(nothing)
    handlings[0]?.settle('ack')
    await wire.readUntil(qos === 1 ? puback(5) : pubrec(5))
    expect(handlings).toHaveLength(1)
  })

  it.each([1, 2])('acknowledges at once what was done while there was no connection, QoS %i', async (qos) => {
    wire.write(publish('a', '1', { qos, id: 5 }))
    await handed(1)
    await cut(client, wire)
    handlings[0]?.settle('ack')
    wire = await reconnect(true)
    wire.write(publish('a', '1', { qos, id: 5, dup: true }))
    await wire.readUntil(qos === 1 ? puback(5) : pubrec(5))
    expect(handlings).toHaveLength(1)
  })

  it('hands on again what was left, when a resumed session repeats it', async () => {
    wire.write(publish('a', '1', { qos: 1, id: 5 }))
    await handed(1)
    handlings[0]?.settle('leave')
    await cut(client, wire)
    wire = await reconnect(true)
    wire.write(publish('a', '1', { qos: 1, id: 5, dup: true }))
    await handed(2)
    expect(handlings[1]?.message.duplicate).toBe(true)
    handlings[1]?.settle('ack')
    await wire.readUntil(puback(5))
  })

  it('hands on another message under an identifier that became free at the broker', async () => {
    wire.write(publish('a', 'expired', { qos: 1, id: 5 }))
    await handed(1)
    await cut(client, wire)
    wire = await reconnect(true)
    wire.write(publish('a', 'other', { qos: 1, id: 5, dup: true }))
    await handed(2)
    handlings[0]?.settle('ack')
    expect(await sent()).toEqual(nothing)
    handlings[1]?.settle('ack')
    await wire.readUntil(puback(5))
  })

  it('hands on another message that says the same, under an identifier of the connection before', async () => {
    for (const id of [1, 2]) wire.write(publish('a', 'start', { qos: 1, id }))
    await handed(2)
    await cut(client, wire)
    for (const { settle } of handlings) settle('ack')
    wire = await reconnect(true)
    // Only one of them comes again.
    wire.write(publish('a', 'start', { qos: 1, id: 1, dup: true }), publish('a', 'start', { qos: 1, id: 2 }))
    await handed(3)
    handlings[2]?.settle('ack')
    await wire.readUntil(puback(2))
    expect(handlings.map(({ message }) => message.duplicate)).toEqual([false, false, false])
  })

  it('hands on once what a broker that never says so sends again', async () => {
    wire.write(publish('a', '1', { qos: 1, id: 5 }))
    await handed(1)
    await cut(client, wire)
    handlings[0]?.settle('ack')
    wire = await reconnect(true)
    wire.write(publish('a', '1', { qos: 1, id: 5 }))
    await wire.readUntil(puback(5))
    expect(handlings).toHaveLength(1)
  })

  it('lets an acknowledgement die with a session that was not kept', async () => {
    wire.write(publish('a', '1', { qos: 1, id: 5 }), publish('a', '2', { qos: 2, id: 6 }))
    await handed(2)
    await cut(client, wire)
    wire = await reconnect(false)
    for (const { settle } of handlings) settle('ack')
    expect(await sent()).toEqual(nothing)
    wire.write(publish('b', '3', { qos: 2, id: 6, dup: true }))
    await handed(3)
  })

  it('hands nothing on and acknowledges nothing new once it is paused, but finishes what it has', async () => {
    wire.write(publish('a', '1', { qos: 1, id: 1 }))
    await handed(1)
    held.pause()
    wire.write(publish('a', '2', { qos: 1, id: 2 }), publish('a', '3', { qos: 2, id: 3 }), publish('a', '4'))
    expect(await sent()).toEqual(nothing)
    handlings[0]?.settle('ack')
    expect(await sent()).toEqual(puback(1))
    expect(handlings).toHaveLength(1)
  })

  it('lets a handler publish and wait for the acknowledgement', async () => {
    receive = async () => {
      await client.publishAsync('out', 'published', { qos: 1 })
      return 'ack' as const
    }
    wire.write(publish('a', '1', { qos: 1, id: 1 }))
    // No single letter: it may be a byte of the packet identifier, too.
    await wire.readUntil(Buffer.from('published'))
    wire.write(puback(client.getLastMessageId()))
    expect(await wire.readUntil(puback(1))).toEqual(nothing)
  })

  it('drops a message with a topic name no broker may send', async () => {
    receive = () => {
      throw new Error('must not be handed on')
    }
    wire.write(publish('a/+', 'x', { qos: 1, id: 1 }), publish('a\0', 'x'))
    await wire.readUntil(puback(1))
    expect(await sent()).toEqual(nothing)
    expect(onError).toHaveBeenCalledTimes(2)
  })

  it('tells of it when mqtt.js acknowledges by itself', () => {
    client.emit('packetsend', { cmd: 'puback', messageId: 1 })
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: expect.stringContaining('too early') }))
  })

  it.each(protocolVersion === 5 ? [1, 0] : [])(
    'leaves it to mqtt.js to end the connection of a broker that uses topic alias %i',
    async (alias) => {
      const failed = new Promise<Error>((resolve) => client.once('error', resolve))
      wire.write(aliased(alias))
      expect((await failed).message).toContain('Topic Alias')
      await wire.closed
      expect(handlings).toHaveLength(0)
    },
  )
})
