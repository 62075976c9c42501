import { createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { createCertificateAuthority } from '@butlerkit/sense-simulator'
import { expect, it, onTestFinished } from 'vitest'
import { freePort } from './brokers/free-port.js'
import { givenMosquitto, givenObserver, givenOpen, givenProxy, givenTransport } from './fixtures.js'
import { bytes, record, text } from './session.js'
import { startWireBroker } from './wire-broker.js'

it('renews a durable connection before what was left fills the window of the broker', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const warnings: string[] = []
  const logger = { debug() {}, info() {}, error() {}, warn: (message: string) => void warnings.push(message) }
  const { session } = await givenOpen(
    { url, clientId: 'leaves', durable: true, protocol: '3.1.1' },
    { subscriptions: [{ filter: 'in', qos: 1 }], receive: ({ duplicate }) => (duplicate ? 'ack' : 'leave'), logger },
  )
  const observer = await givenObserver(url)
  const numbers = Array.from({ length: 30 }, (_, number) => `${number}`)
  for (const number of numbers) await observer.publish('in', number)
  const again = () => session.messages.filter(({ duplicate }) => duplicate).map(({ payload }) => text(payload))
  await session.until(() => new Set(again()).size >= 20)
  expect(session.healths.find(({ state }) => state === 'reconnecting')?.reason).toContain('renewed: 10 messages were left')
  expect(warnings).toContain('a message was left; it comes again after the next connect')
})

it('renews a durable connection a while after a message was left, which brings it again', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const { session } = await givenOpen(
    { url, clientId: 'leaves', durable: true, redeliverMs: 1_000 },
    { subscriptions: [{ filter: 'in', qos: 1 }], receive: ({ duplicate }) => (duplicate ? 'ack' : 'leave') },
  )
  const observer = await givenObserver(url)
  await observer.publish('in', 'left')
  await session.until(({ messages }) => messages.length === 2)
  expect(session.messages.map(({ duplicate, payload }) => [text(payload), duplicate])).toEqual([
    ['left', false],
    ['left', true],
  ])
  expect(session.healths.find(({ state }) => state === 'reconnecting')?.reason).toContain('renewed: a message was left')
})

it.for(['3.1.1', '5'] as const)(
  'connects and publishes although more is left again each time than renews it, MQTT %s',
  async (protocol, ctx) => {
    const { port, url } = await givenMosquitto(ctx)
    const options = { clientId: 'leaves', durable: true, protocol } as const
    const subscriptions = [{ filter: 'in', qos: 1 }] as const
    await (await givenOpen({ ...options, url }, { subscriptions })).transport.close()
    const observer = await givenObserver(url, 'out')
    for (let number = 0; number < 15; number += 1) await observer.publish('in', `${number}`)
    const proxy = await givenProxy(port, { delayMs: 5 })
    const { transport, session } = await givenOpen({ ...options, url: proxy.url }, { subscriptions, receive: () => 'leave' })
    for (const payload of ['first', 'second']) {
      const before = session.healths.length
      await transport.publish({ topic: 'out', payload: bytes(payload), qos: 1, retain: false })
      await session.until(({ healths }) => healths.slice(before).some(({ reason }) => reason?.includes('messages were left')))
    }
    await observer.until(2)
    expect([...new Set(observer.received)]).toEqual(['first', 'second'])
  },
)

it('waits for a broker that is not there yet, where told so, and is closed at any time', async (ctx) => {
  const broker = await givenMosquitto(ctx)
  await broker.stop()
  const session = record({ subscriptions: [{ filter: 'in', qos: 1 }] })
  const transport = givenTransport({ url: broker.url, firstConnect: 'wait' })
  const opened = transport.open(session)
  await session.until(({ healths }) => healths.filter(({ reason }) => reason?.includes('nobody listens')).length >= 2)
  expect(transport.health().state).toBe('connecting')
  const early = transport.publish({ topic: 'in', payload: bytes('early'), qos: 1, retain: false })
  await broker.start()
  await opened
  await early
  await session.until(({ messages }) => messages.length === 1)

  const hopeless = givenTransport({ url: `mqtt://127.0.0.1:${await freePort()}`, firstConnect: 'wait', reconnect: { initialMs: 100_000 } })
  const waiting = record()
  const failed = hopeless.open(waiting).catch((error: unknown) => error)
  await waiting.until(({ healths }) => healths.some(({ reason }) => reason?.includes('nobody listens') ?? false))
  await hopeless.close()
  expect(await failed).toMatchObject({ code: 'MQTT_CLOSED' })
})

it('names each topic once where the broker takes aliases, and again on the next connection, marked as sent before', async () => {
  const broker = await startWireBroker()
  onTestFinished(() => broker.close())
  const transport = givenTransport({ url: `mqtt://127.0.0.1:${broker.port}`, protocol: '5' })
  const opened = transport.open(record())
  // CONNACK with Topic Alias Maximum 5.
  const connack = Buffer.from([0x20, 6, 0, 0, 3, 0x22, 0, 5])
  const first = await broker.accept()
  first.write(connack)
  await opened
  const publish = (payload: string) => transport.publish({ topic: 'long/topic', payload: bytes(payload), qos: 1, retain: false })
  const sent = [publish('one'), publish('two')]
  expect((await first.readUntil(Buffer.from('one'))).toString('latin1')).toContain('long/topic')
  expect((await first.readUntil(Buffer.from('two'))).toString('latin1')).not.toContain('long/topic')
  first.destroy()
  const second = await broker.accept()
  second.write(connack)
  for (const payload of ['one', 'two']) {
    const before = await second.readUntil(Buffer.from(payload))
    // PUBLISH of QoS 1 with DUP.
    const at = before.indexOf(0x3a)
    expect([before[at], before.toString('latin1').includes('long/topic')]).toEqual([0x3a, payload === 'one'])
    // The packet identifier stands before four bytes of properties.
    second.write(Buffer.concat([Buffer.from([0x40, 2]), before.subarray(-6, -4)]))
  }
  await Promise.all(sent)
})

it('says what to look at when a broker hangs up after the TLS handshake', async () => {
  const authority = await createCertificateAuthority()
  const { cert, key } = await authority.issue({ commonName: 'broker', hosts: ['127.0.0.1'] })
  const server = createServer({ cert, key }, (socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `mqtts://127.0.0.1:${(server.address() as AddressInfo).port}`
  await expect(givenTransport({ url, protocol: '5', tls: { ca: authority.ca } }).open(record())).rejects.toMatchObject({
    code: 'MQTT_PROTOCOL',
    hint: expect.stringContaining('client certificate'),
  })
})

it('asks the broker of MQTT 5 for retained messages and for its own as the options say', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const observer = await givenObserver(url)
  await observer.publish('in/kept', 'kept', 1, { retain: true })
  const subscription = { retained: 'never', noLocal: true, retainAsPublished: true } as const
  const filters = [
    { filter: 'in/#', qos: 1 },
    { filter: 'end', qos: 1 },
  ] as const
  const { transport, session } = await givenOpen({ url, protocol: '5', subscription }, { subscriptions: filters })
  await transport.publish({ topic: 'in/own', payload: bytes('own'), qos: 1, retain: false })
  await observer.publish('in/live', 'live', 1, { retain: true })
  await observer.publish('end', 'end')
  await session.until(({ messages }) => messages.some(({ topic }) => topic === 'end'))
  expect(session.messages.map(({ topic, retain }) => [topic, retain])).toEqual([
    ['in/live', true],
    ['end', false],
  ])
})

it('holds back what exceeds maxInFlight, and loses none of it', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  let inWork = 0
  let most = 0
  const receive = async () => {
    most = Math.max(most, (inWork += 1))
    await new Promise((resolve) => setImmediate(resolve))
    inWork -= 1
    return 'ack' as const
  }
  const { session } = await givenOpen({ url, maxInFlight: 3 }, { subscriptions: [{ filter: 'in', qos: 1 }], receive })
  const observer = await givenObserver(url)
  await Promise.all(Array.from({ length: 100 }, (_, number) => observer.publish('in', `${number}`)))
  await session.until(({ messages }) => messages.length === 100)
  expect(most).toBeLessThanOrEqual(3)
  expect(session.messages.map(({ payload }) => Number(text(payload)))).toEqual(Array.from({ length: 100 }, (_, number) => number))
})
