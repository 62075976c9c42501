import { existsSync } from 'node:fs'
import { inspect } from 'node:util'
import { createCertificateAuthority } from '@butlerkit/sense-simulator'
import { butlerStatus } from '@butlerkit/core'
import { expect, it, onTestFinished } from 'vitest'
import type { MqttOptions } from '../../src/index.js'
import { freePort } from '../brokers/free-port.js'
import { givenMosquitto, givenObserver, givenProxy } from '../fixtures.js'
import { grant, packets, qosQuestion, startWireBroker } from '../wire-broker.js'
import { connects, givenButler, makeButler } from './stage.js'

/** Starts a butler that cannot; gives what its transport failed with, having looked for the secrets in everything one could see. */
async function failureOf(options: MqttOptions, secrets: readonly string[] = []): Promise<unknown> {
  const seen: unknown[] = []
  const note = (...args: unknown[]) => void seen.push(args)
  const { butler, journal } = makeButler(options, () => {}, { logger: { debug: note, info: note, warn: note, error: note } })
  const error: unknown = await butler.start().catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'BUTLER_START_FAILED' })
  expect(butler.health().state).toBe('stopped')
  const shown = inspect([error, seen, journal.lines, butler.health()], { depth: Infinity })
  for (const secret of secrets) expect(shown).not.toContain(secret)
  return (error as Error).cause
}

it('9: finds a half-open link and makes a new connection', async (ctx) => {
  const { port, url } = await givenMosquitto(ctx)
  const proxy = await givenProxy(port)
  const { journal } = await givenButler({ url: proxy.url, clientId: 'row-9', durable: true, keepaliveSeconds: 1 })
  proxy.blackHole()
  proxy.heal()
  await journal.until(() => connects(journal) === 2)
  expect(journal.lines.find((line) => line.startsWith('health reconnecting'))).toContain('Keepalive timeout')
  const sender = await givenObserver(url)
  await sender.publish('work/row-9', 'flows')
  await journal.until((lines) => lines.includes('handled work/row-9'))
})

it('10: waits ever longer, tries again after "unavailable", and reports each attempt', async () => {
  const broker = await startWireBroker()
  onTestFinished(() => broker.close())
  const { connack } = packets(4)
  const reconnect = { initialMs: 2, maxMs: 16, jitter: 0 }
  const { butler, journal } = makeButler({ url: `mqtt://127.0.0.1:${broker.port}`, protocol: '3.1.1', reconnect, firstConnect: 'wait' })
  const started = butler.start()
  for (let attempt = 0; attempt < 6; attempt += 1) (await broker.accept()).write(connack(false, 3))
  const connection = await broker.accept()
  connection.write(connack(false))
  for (const filter of [qosQuestion, 'work/#']) await grant(connection, filter)
  await started
  const waits = journal.lines.flatMap((line) => /attempt (\d+) in (\d+) ms/.exec(line)?.slice(1).map(Number) ?? [])
  expect(waits).toEqual([1, 2, 2, 4, 3, 8, 4, 16, 5, 16, 6, 16])
  expect(journal.lines.filter((line) => line.includes('Server unavailable (0x03)'))).toHaveLength(6)
})

const dynamicSecurity = '/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so'

it('12: names a subscription the broker refuses, and is not ready', async (ctx) => {
  ctx.skip(!existsSync(dynamicSecurity), `${dynamicSecurity} is not installed`)
  const { url } = await givenMosquitto(ctx, {
    files: {
      'dynamic-security.json': JSON.stringify({
        defaultACLAccess: { publishClientSend: true, publishClientReceive: true, subscribe: false, unsubscribe: true },
      }),
    },
    lines: ['allow_anonymous true', `plugin ${dynamicSecurity}`, 'plugin_opt_config_file {dir}/dynamic-security.json'],
  })
  expect(await failureOf({ url })).toMatchObject({ code: 'MQTT_SUBSCRIBE_REFUSED', refused: [{ filter: 'work/#', reasonCode: 0x87 }] })
})

it('13: names wrong credentials, and shows none', async (ctx) => {
  const { url } = await givenMosquitto(ctx, {
    files: { passwords: '' },
    lines: ['allow_anonymous false', 'password_file {dir}/passwords'],
  })
  expect(await failureOf({ url, username: 'canary-1', password: 'canary-2' }, ['canary-1', 'canary-2'])).toMatchObject({
    code: 'MQTT_AUTH',
  })
})

it('14: with read-only credentials, publishing fails with the reason and reading goes on', async (ctx) => {
  const { url } = await givenMosquitto(ctx, {
    files: { acl: 'topic read work/#\n\nuser sender\ntopic readwrite work/#\n' },
    lines: ['allow_anonymous true', 'acl_file {dir}/acl'],
  })
  const { butler, journal } = await givenButler({ url }, () => {}, { status: butlerStatus })
  await expect(butler.publishRaw({ topic: 'out', payload: Buffer.from('x'), qos: 1, retain: false })).rejects.toMatchObject({
    code: 'MQTT_PUBLISH_REFUSED',
    reasonCode: 0x87,
  })
  const sender = await givenObserver(url.replace('//', '//sender@'))
  await sender.publish('work/row-14', 'read')
  await journal.until((lines) => lines.includes('handled work/row-14'))
  expect(connects(journal)).toBe(1)
})

it('15, 16, 17: names a certificate that has expired, comes from a stranger, or is for another host', async (ctx) => {
  const authority = await createCertificateAuthority()
  const stranger = await createCertificateAuthority({ commonName: 'Stranger' })
  const certificates = await Promise.all([
    authority.issue({ commonName: 'broker', hosts: ['127.0.0.1'], notAfter: new Date(Date.now() - 1_000) }),
    stranger.issue({ commonName: 'broker', hosts: ['127.0.0.1'] }),
    authority.issue({ commonName: 'broker', hosts: ['other.lab'] }),
  ])
  const { ports } = await givenMosquitto(ctx, {
    files: Object.fromEntries(
      certificates.flatMap(({ cert, key }, index) => [
        [`cert${index}.pem`, cert],
        [`key${index}.pem`, key],
      ]),
    ),
    listeners: certificates.map((_, index) => [`certfile {dir}/cert${index}.pem`, `keyfile {dir}/key${index}.pem`]),
  })
  const failures = await Promise.all(ports.map((port) => failureOf({ url: `mqtts://127.0.0.1:${port}`, tls: { ca: authority.ca } })))
  const named = (words: string) => expect.objectContaining({ code: 'MQTT_TLS', hint: expect.stringContaining(words) })
  expect(failures).toEqual([named('expired'), named('unknown authority'), named('another host')])
})

it('18: names a host that does not resolve, and a port where nobody listens', async () => {
  expect(await failureOf({ url: 'mqtt://no-such-host.invalid' })).toMatchObject({ code: 'MQTT_DNS' })
  expect(await failureOf({ url: `mqtt://127.0.0.1:${await freePort()}` })).toMatchObject({ code: 'MQTT_REFUSED' })
})

it('19, 20: refuses an invalid topic and a packet too large before the wire, and the next message goes through', async (ctx) => {
  const { url } = await givenMosquitto(ctx, { lines: ['allow_anonymous true', 'max_packet_size 2000'] })
  const { butler, journal } = await givenButler({ url })
  const publish = (topic: string, bytes = 1) =>
    butler.publishRaw({ topic, payload: new Uint8Array(bytes).fill(0x61), qos: 1, retain: false })
  for (const topic of ['t/+', 't/#', 't\0', '', 'x'.repeat(65_536)])
    await expect(publish(topic)).rejects.toMatchObject({ code: 'MQTT_TOPIC_INVALID' })
  await expect(publish('work/row-20', 2_000)).rejects.toMatchObject({ code: 'MQTT_PACKET_TOO_LARGE' })
  await publish('work/row-20')
  await journal.until((lines) => lines.includes('handled work/row-20'))
  expect(connects(journal)).toBe(1)
})

it('22: hands on no hostile packet, and lives on', async () => {
  const broker = await startWireBroker()
  onTestFinished(() => broker.close())
  const { connack, publish } = packets(4)
  const handled: string[] = []
  const { butler, journal } = makeButler({ url: `mqtt://127.0.0.1:${broker.port}`, protocol: '3.1.1' }, (payload) => handled.push(payload))
  const started = butler.start()
  const connection = await broker.accept()
  connection.write(connack(false))
  for (const filter of [qosQuestion, 'work/#']) await grant(connection, filter)
  await started
  const deep = rawPublish(Buffer.from('/'.repeat(65_000)), 'deep')
  const illFormed = rawPublish(Buffer.from([0x77, 0xff, 0xfe]), 'ill-formed')
  connection.write(
    publish('work/\0', 'nul'),
    publish('work/+', 'plus'),
    publish('work/#', 'hash'),
    deep,
    illFormed,
    publish('work/fine', 'fine'),
  )
  await journal.until((lines) => lines.includes('handled work/fine'))
  expect(handled).toEqual(['fine'])
})

/** A PUBLISH of QoS 0 with any bytes as its topic. */
function rawPublish(topic: Buffer, payload: string): Buffer {
  const body = Buffer.concat([Buffer.from([topic.length >> 8, topic.length & 0xff]), topic, Buffer.from(payload)])
  const length: number[] = []
  for (let rest = body.length; ; rest >>= 7) {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    if (rest <= 0x7f) break
  }
  return Buffer.concat([Buffer.from([0x30, ...length]), body])
}
