import { existsSync } from 'node:fs'
import { inspect } from 'node:util'
import type { Disposition } from '@butlerkit/core'
import { expect, it } from 'vitest'
import { givenMosquitto, givenObserver, givenOpen, givenTransport, statusMessages } from './fixtures.js'
import { bytes, record, text } from './session.js'

it.for(['5', '3.1.1'] as const)('outlives a restart of the broker: subscribed again, messages flow, MQTT %s', async (protocol, ctx) => {
  const broker = await givenMosquitto(ctx)
  const { transport, session } = await givenOpen({ url: broker.url, protocol }, { subscriptions: [{ filter: 'in/#', qos: 1 }] })
  await broker.stop()
  await session.until(({ healths }) => healths.some(({ reason }) => reason?.includes('nobody listens') ?? false))
  const waiting = transport.publish({ topic: 'in/1', payload: bytes('sent while it was down'), qos: 1, retain: false })
  await broker.start()
  await waiting
  await session.until(({ messages }) => messages.length === 1)
  expect(text(session.messages[0]?.payload ?? bytes(''))).toBe('sent while it was down')
  expect(transport.health()).toMatchObject({ state: 'connected' })
})

it('keeps a durable session over a restart of the broker', async (ctx) => {
  const broker = await givenMosquitto(ctx)
  const options = { url: broker.url, clientId: 'durable', durable: true }
  const subscriptions = [{ filter: 'in/#', qos: 1 }] as const
  const first = await givenOpen(options, { subscriptions, receive: () => 'leave' })
  const observer = await givenObserver(broker.url)
  await observer.publish('in/1', 'left')
  await first.session.until(({ messages }) => messages.length === 1)
  await first.transport.close()
  await broker.stop()
  await broker.start()
  const { session } = await givenOpen(options, { subscriptions })
  await session.until(({ messages }) => messages.length === 1)
  expect(session.messages[0]).toMatchObject({ topic: 'in/1', duplicate: true })
})

it.for([1, 2] as const)(
  'gets more than the window of the broker in order, though its handlers wait for each other, QoS %i',
  async (qos, ctx) => {
    const { url } = await givenMosquitto(ctx, { lines: ['allow_anonymous true', 'max_inflight_messages 5'] })
    const handlings: ((disposition: Disposition) => void)[] = []
    const { session } = await givenOpen(
      { url },
      { subscriptions: [{ filter: 'in', qos }], receive: () => new Promise((resolve) => void handlings.push(resolve)) },
    )
    const observer = await givenObserver(url)
    for (let index = 0; index < 12; index += 1) await observer.publish('in', `${index}`, qos)
    await session.until(({ messages }) => messages.length === 5)
    for (let done = 0; done < 12; done += 1) {
      await session.until(({ messages }) => messages.length > done)
      handlings[done]?.('ack')
    }
    expect(session.messages.map(({ payload }) => text(payload))).toEqual(Array.from({ length: 12 }, (_, index) => `${index}`))
  },
)

it('carries the properties of MQTT 5 both ways', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const { transport, session } = await givenOpen({ url, protocol: '5' }, { subscriptions: [{ filter: 'in/#', qos: 1 }] })
  const properties = {
    contentType: 'application/json',
    messageExpirySeconds: 60,
    responseTopic: 'reply/å',
    correlationData: new Uint8Array([0, 1, 255]),
    userProperties: { ['__proto__']: 'one like any other', tenant: 'é' },
  }
  await transport.publish({ topic: 'in/1', payload: bytes('x'), qos: 1, retain: false, properties })
  await session.until(({ messages }) => messages.length === 1)
  const received = session.messages[0]?.properties ?? {}
  expect(received).toEqual({ ...properties, correlationData: Buffer.from(properties.correlationData) })
  expect(Object.keys(received.userProperties ?? {}).toSorted()).toEqual(['__proto__', 'tenant'])
  expect(transport.capabilities).toEqual({
    publish: true,
    qos: 2,
    retain: true,
    reply: true,
    userProperties: true,
    ackControl: true,
    subscriptionIdentifiers: true,
    sharedSubscriptions: true,
  })
})

it('keeps to the largest packet and to the retain setting the broker states', async (ctx) => {
  const { url } = await givenMosquitto(ctx, { lines: ['allow_anonymous true', 'max_packet_size 1000', 'retain_available false'] })
  const { transport, session } = await givenOpen({ url }, { subscriptions: [{ filter: 'in', qos: 1 }] })
  const publish = (length: number, retain = false) => transport.publish({ topic: 'in', payload: new Uint8Array(length), qos: 1, retain })
  // One byte of type, two of length, the topic with its length, packet identifier, a topic alias with its length.
  const largest = 1_000 - 3 - 4 - 2 - 4
  await publish(largest)
  await expect(publish(largest + 1)).rejects.toMatchObject({ code: 'MQTT_PACKET_TOO_LARGE' })
  await expect(publish(1, true)).rejects.toMatchObject({ code: 'MQTT_UNSUPPORTED' })
  expect(transport.capabilities.retain).toBe(false)
  await session.until(({ messages }) => messages.length === 1)
  expect(session.healths.map(({ state }) => state)).toEqual(['connecting', 'connected'])
})

const acl = { files: { acl: 'topic readwrite allowed/#\ntopic read listed/#\n' }, lines: ['allow_anonymous true', 'acl_file {dir}/acl'] }

it('names what a broker refuses to take', async (ctx) => {
  const { url } = await givenMosquitto(ctx, acl)
  const { transport } = await givenOpen({ url, protocol: '5' })
  await transport.publish({ topic: 'allowed/1', payload: bytes('x'), qos: 1, retain: false })
  await expect(transport.publish({ topic: 'listed/1', payload: bytes('x'), qos: 1, retain: false })).rejects.toMatchObject({
    code: 'MQTT_PUBLISH_REFUSED',
    reasonCode: 0x87,
    message: 'publish "listed/1": Not authorized (0x87)',
  })
  await expect(transport.publish({ topic: 'listed/1', payload: bytes('x'), qos: 2, retain: false })).rejects.toMatchObject({
    reasonCode: 0x87,
  })
})

it('says offline by its will when another client takes its name', async (ctx) => {
  const { url } = await givenMosquitto(ctx)
  const status = await givenObserver(url, statusMessages.topic)
  const options = { url, clientId: 'twice', reconnect: { initialMs: 100_000, maxMs: 100_000 } }
  const { transport } = await givenOpen(options, { status: statusMessages })
  await status.until(1)
  await givenOpen({ url, clientId: 'twice' })
  await status.until(2)
  await transport.close()
  expect(status.received).toEqual(['online', 'offline'])
})

it('retries bad credentials with the longest wait, and tells so each time', async (ctx) => {
  const users = (secret: string) => ({ passwords: secret })
  const broker = await givenMosquitto(ctx)
  const warnings: string[] = []
  const logger = { debug() {}, info() {}, error() {}, warn: (_message: string, fields: unknown) => void warnings.push(inspect(fields)) }
  const { session } = await givenOpen({ url: broker.url, reconnect: { initialMs: 1, maxMs: 30, jitter: 0 } }, { logger })
  await broker.stop()
  await broker.reconfigure({ files: users(''), lines: ['allow_anonymous false', 'password_file {dir}/passwords'] })
  await broker.start()
  const refused = () => session.healths.filter(({ reason }) => reason?.includes('Not authorized'))
  await session.until(() => refused().length >= 2)
  expect(refused().every(({ state, reason }) => state === 'reconnecting' && reason?.endsWith(' in 30 ms'))).toBe(true)
  expect(warnings.filter((warning) => warning.includes('Not authorized')).length).toBeGreaterThanOrEqual(2)
  await broker.stop()
  await broker.reconfigure({})
  await broker.start()
  await session.until(({ healths }) => healths.at(-1)?.state === 'connected')
})

it('closes within its time though the broker has stopped answering', async (ctx) => {
  const broker = await givenMosquitto(ctx)
  const { transport } = await givenOpen(
    { url: broker.url, closeTimeoutMs: 50 },
    { status: statusMessages, subscriptions: [{ filter: 'in', qos: 1 }] },
  )
  broker.freeze()
  const unsent = transport.publish({ topic: 'out', payload: bytes('x'), qos: 1, retain: false }).catch((error: unknown) => error)
  await transport.drain()
  await transport.close()
  expect(await unsent).toMatchObject({ code: 'MQTT_CLOSED' })
  expect(transport.health().state).toBe('closed')
})

const dynamicSecurity = '/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so'
const allowedFilters = {
  defaultACLAccess: { publishClientSend: true, publishClientReceive: true, subscribe: false, unsubscribe: true },
  roles: [{ rolename: 'anyone', acls: [{ acltype: 'subscribePattern', topic: 'allowed/#', allow: true }] }],
  groups: [{ groupname: 'anonymous', roles: [{ rolename: 'anyone' }] }],
  anonymousGroup: 'anonymous',
}

it('refuses subscriptions the broker refuses, naming each filter', async (ctx) => {
  ctx.skip(!existsSync(dynamicSecurity), `${dynamicSecurity} is not installed`)
  const { url } = await givenMosquitto(ctx, {
    files: { 'dynamic-security.json': JSON.stringify(allowedFilters) },
    lines: ['allow_anonymous true', `plugin ${dynamicSecurity}`, 'plugin_opt_config_file {dir}/dynamic-security.json'],
  })
  for (const protocol of ['5', '3.1.1'] as const) {
    const reasonCode = protocol === '5' ? 0x87 : 0x80
    const filters = [
      { filter: 'allowed/#', qos: 1 },
      { filter: 'secret/#', qos: 1 },
    ] as const
    const transport = givenTransport({ url, protocol })
    await expect(transport.open(record({ subscriptions: filters }))).rejects.toMatchObject({
      code: 'MQTT_SUBSCRIBE_REFUSED',
      refused: [{ filter: 'secret/#', reasonCode }],
    })
    expect(transport.health()).toMatchObject({ state: 'failed', reason: expect.stringContaining('"secret/#"') })
    const { transport: running, session } = await givenOpen({ url, protocol }, { subscriptions: [] })
    await expect(running.subscribe(filters)).rejects.toMatchObject({ refused: [{ filter: 'secret/#', reasonCode }] })
    await running.publish({ topic: 'allowed/1', payload: bytes('x'), qos: 1, retain: false })
    await session.until(({ messages }) => messages.length === 1)
  }
})
