import { expect, it, onTestFinished } from 'vitest'
import { givenTransport, statusMessages } from './fixtures.js'
import { bytes, record } from './session.js'
import { packets, startWireBroker, type WireConnection } from './wire-broker.js'

async function givenWireBroker(): Promise<Awaited<ReturnType<typeof startWireBroker>>> {
  const broker = await startWireBroker()
  onTestFinished(() => broker.close())
  return broker
}

const { connack } = packets(5)

/** Acknowledges a PUBLISH of QoS 1 to this topic; gives what was sent before it. */
async function acknowledge(connection: WireConnection, topic: string): Promise<Buffer> {
  const before = await connection.readUntil(Buffer.from(topic))
  connection.write(Buffer.concat([Buffer.from([0x40, 2]), await connection.read(2)]))
  return before
}

const message = { topic: 'out', payload: bytes('x'), retain: false }

it('waits longest after another client has taken the session over, and says why', async () => {
  const broker = await givenWireBroker()
  const transport = givenTransport({ url: `mqtt://127.0.0.1:${broker.port}`, reconnect: { initialMs: 1, maxMs: 100_000, jitter: 0 } })
  const session = record()
  const opened = transport.open(session)
  const connection = await broker.accept()
  connection.write(connack(false))
  await opened
  connection.write(Buffer.from([0xe0, 1, 0x8e]))
  await session.until(({ healths }) => healths.at(-1)?.state === 'reconnecting')
  expect(transport.health().reason).toBe(
    `mqtt://127.0.0.1:${broker.port} ended the connection: Session taken over (0x8e); attempt 1 in 100000 ms`,
  )
})

it('does not take it for another protocol version when the broker hangs up after CONNACK', async () => {
  const broker = await givenWireBroker()
  const opened = givenTransport({ url: `mqtt://127.0.0.1:${broker.port}` }).open(record({ subscriptions: [{ filter: 'secret', qos: 1 }] }))
  const failure = opened.catch((error: unknown) => error)
  const connection = await broker.accept()
  connection.write(connack(false))
  await connection.readUntil(Buffer.from('secret'))
  connection.destroy()
  expect(await failure).toMatchObject({ code: 'MQTT_NOT_CONNECTED', message: `mqtt://127.0.0.1:${broker.port} closed the connection` })
})

it('notices a connection that ends in the turn in which it was established', async () => {
  const broker = await givenWireBroker()
  const session = record()
  const opened = givenTransport({ url: `mqtt://127.0.0.1:${broker.port}` }).open(session)
  const connection = await broker.accept()
  connection.write(connack(false), Buffer.from([0xe0, 1, 0x8b]))
  await opened
  await session.until(({ healths }) => healths.at(-1)?.state === 'reconnecting')
  expect(session.healths.at(-1)?.reason).toContain('Server shutting down (0x8b)')
})

it('finds a link that has gone silent, and comes back', async () => {
  const broker = await givenWireBroker()
  const transport = givenTransport({ url: `mqtt://127.0.0.1:${broker.port}`, keepaliveSeconds: 1 })
  const session = record()
  const opened = transport.open(session)
  const silent = await broker.accept()
  silent.write(connack(false))
  await opened
  const next = await broker.accept()
  next.write(connack(false))
  await session.until(({ healths }) => healths.filter(({ state }) => state === 'connected').length === 2)
  expect(session.healths[2]?.reason).toContain('Keepalive timeout')
})

it('sends again after a cut what was not acknowledged, and resolves once', async () => {
  const broker = await givenWireBroker()
  const transport = givenTransport({ url: `mqtt://127.0.0.1:${broker.port}` })
  const opened = transport.open(record())
  const first = await broker.accept()
  first.write(connack(false))
  await opened
  const sent = transport.publish({ ...message, qos: 1 })
  await first.readUntil(Buffer.from('out'))
  first.destroy()
  const second = await broker.accept()
  second.write(connack(false))
  await acknowledge(second, 'out')
  await expect(sent).resolves.toBeUndefined()
})

it('fills the outbox while there is no connection, then refuses', async () => {
  const broker = await givenWireBroker()
  const transport = givenTransport({ url: `mqtt://127.0.0.1:${broker.port}`, outbox: { max: 2 }, reconnect: { initialMs: 60_000 } })
  const session = record()
  const opened = transport.open(session)
  const connection = await broker.accept()
  connection.write(connack(false))
  await opened
  connection.destroy()
  await session.until(({ healths }) => healths.at(-1)?.state === 'reconnecting')
  const waiting = [transport.publish({ ...message, qos: 1 }), transport.publish({ ...message, qos: 0 })]
  await expect(transport.publish({ ...message, qos: 1 })).rejects.toMatchObject({
    code: 'MQTT_OUTBOX_FULL',
    message: 'publish "out": 2 messages already wait to be sent',
  })
  await transport.close()
  expect(await Promise.allSettled(waiting)).toMatchObject([{ reason: { code: 'MQTT_CLOSED' } }, { reason: { code: 'MQTT_CLOSED' } }])
})

it.each([
  ['MQTT_PACKET_TOO_LARGE', 'a larger packet', [0x27, 0, 0, 0, 100], { payload: new Uint8Array(1_000) }],
  ['MQTT_UNSUPPORTED', 'a retained message', [0x25, 0], { retain: true }],
] as const)('fails with %s what waited for a broker that hangs up on %s', async (code, _, properties, ofMessage) => {
  const broker = await givenWireBroker()
  const transport = givenTransport({ url: `mqtt://127.0.0.1:${broker.port}`, firstConnect: 'wait' })
  const opened = transport.open(record())
  const failure = transport.publish({ ...message, ...ofMessage, qos: 1 }).catch((error: unknown) => error)
  const connection = await broker.accept()
  connection.write(Buffer.from([0x20, 3 + properties.length, 0, 0, properties.length, ...properties]))
  await opened
  expect(await failure).toMatchObject({ code })
  await transport.publish({ ...message, topic: 'next', qos: 0 })
  expect(await connection.readUntil(Buffer.from('next'))).not.toContain('out')
})

it('tells its status once, however often the connection was lost before the broker had it', async () => {
  const broker = await givenWireBroker()
  const session = record({ status: statusMessages })
  const opened = givenTransport({ url: `mqtt://127.0.0.1:${broker.port}`, reconnect: { initialMs: 1, maxMs: 1 } }).open(session)
  for (const isFirst of [true, false, false]) {
    const connection = await broker.accept()
    connection.write(connack(false))
    if (isFirst) await acknowledge(connection, statusMessages.topic)
    else await connection.readUntil(Buffer.from(statusMessages.topic))
    if (isFirst) await opened
    connection.destroy()
  }
  const last = await broker.accept()
  last.write(connack(false))
  await acknowledge(last, statusMessages.topic)
  await session.until(({ healths }) => healths.filter(({ state }) => state === 'connected').length === 2)
  expect(session.healths.at(-1)?.state).toBe('connected')
})

it('keeps a publish waiting until there is room in the window of the broker', async () => {
  const broker = await givenWireBroker()
  const transport = givenTransport({ url: `mqtt://127.0.0.1:${broker.port}`, protocol: '5' })
  const opened = transport.open(record())
  const connection = await broker.accept()
  // CONNACK with Receive Maximum 1.
  connection.write(Buffer.from([0x20, 6, 0, 0, 3, 0x21, 0, 1]))
  await opened
  const sent = [1, 2].map((number) => transport.publish({ ...message, topic: `out/${number}`, qos: 1 }))
  await acknowledge(connection, 'out/1')
  await sent[0]
  expect((await acknowledge(connection, 'out/2')).toString()).not.toContain('out/')
  await sent[1]
})

it('is not to be used before it is open nor after it is closed', async () => {
  const transport = givenTransport({ url: 'mqtt://127.0.0.1:1' })
  await expect(transport.publish({ ...message, qos: 1 })).rejects.toMatchObject({ code: 'MQTT_NOT_CONNECTED' })
  await transport.drain()
  await transport.close()
  await transport.close()
  await expect(transport.publish({ ...message, qos: 1 })).rejects.toMatchObject({ code: 'MQTT_CLOSED' })
  await expect(transport.open(record())).rejects.toMatchObject({ code: 'MQTT_CLOSED' })
  expect(transport.health().state).toBe('closed')
})

it('blames no message for connections that we end ourselves', async () => {
  const broker = await givenWireBroker()
  const session = record({ subscriptions: [{ filter: 'in', qos: 1 }] })
  const transport = givenTransport({ url: `mqtt://127.0.0.1:${broker.port}`, protocol: '5', reconnect: { initialMs: 1, maxMs: 1 } })
  const opened = transport.open(session)
  const connect = async (reasonCode: number) => {
    const connection = await broker.accept()
    connection.write(connack(false))
    const before = await connection.readUntil(Buffer.from('in'))
    // Before the filter stand the packet identifier, the length of the properties (an identifier of four bytes) and that of the filter.
    connection.write(Buffer.concat([Buffer.from([0x90, 4]), before.subarray(-5, -3), Buffer.from([0, reasonCode])]))
    return connection
  }
  const first = await connect(1)
  await opened
  const sent = transport.publish({ ...message, qos: 1 })
  await first.readUntil(Buffer.from('out'))
  first.destroy()
  for (let refused = 0; refused < 10; refused += 1) await (await connect(0x87)).closed
  const last = await broker.accept()
  last.write(connack(false))
  await acknowledge(last, 'out')
  await expect(sent).resolves.toBeUndefined()
})
