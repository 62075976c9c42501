import { inspect } from 'node:util'
import { createServer } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { createCertificateAuthority, type CertificateAuthority } from '@butlerkit/sense-simulator'
import { beforeAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { mqtt, MqttError, type MqttOptions } from '../src/index.js'
import { freePort } from './brokers/free-port.js'
import { givenMosquitto, givenOpen, givenTransport } from './fixtures.js'
import { bytes, record, text } from './session.js'
import { grant, packets, qosQuestion, startWireBroker, type WireConnection } from './wire-broker.js'

/** Opens a transport that cannot; gives the error, having looked for the secrets everywhere one could see them. */
async function failureOf(options: MqttOptions, secrets: readonly string[] = []): Promise<MqttError> {
  const seen: unknown[] = []
  const note = (...args: unknown[]) => void seen.push(args)
  const transport = givenTransport(options)
  const session = record({ logger: { debug: note, info: note, warn: note, error: note } })
  const error: unknown = await transport.open(session).catch((thrown: unknown) => thrown)
  if (!(error instanceof MqttError)) throw new Error(`opened, or failed with ${inspect(error)}`)
  expect(transport.health().state).toBe('failed')
  const shown = [error, seen, session.healths, transport].map((value) => inspect(value, { depth: Infinity, showHidden: true })).join('\n')
  for (const secret of secrets) expect(shown + JSON.stringify(error) + error.stack).not.toContain(secret)
  return error
}

describe('a connection that fails', () => {
  it('names a host that does not resolve', async () => {
    const error = await failureOf({ url: 'mqtt://user:canary-1@no-such-host.invalid' }, ['canary-1', 'user'])
    expect(error).toMatchObject({ code: 'MQTT_DNS', host: 'no-such-host.invalid' })
    expect(error.message).toContain('connect mqtt://no-such-host.invalid:1883: ')
  })

  it.each(['mqtt', 'mqtts', 'ws', 'wss'])('names a port where nobody listens, over %s', async (scheme) => {
    const port = await freePort()
    const error = await failureOf({ url: `${scheme}://user:canary-2@127.0.0.1:${port}/path?token=canary-3` }, ['canary-2', 'canary-3'])
    expect(error).toMatchObject({ code: 'MQTT_REFUSED', message: `connect ${scheme}://127.0.0.1:${port}: nobody listens there` })
  })

  it('names a host that takes the connection and says nothing', async () => {
    const broker = await startWireBroker()
    onTestFinished(() => broker.close())
    expect(await failureOf({ url: `mqtt://127.0.0.1:${broker.port}`, connectTimeoutMs: 50 })).toMatchObject({ code: 'MQTT_TIMEOUT' })
  })

  it('names a broker that stops answering after CONNACK', async () => {
    const broker = await startWireBroker()
    onTestFinished(() => broker.close())
    const failure = failureOfSubscribing(`mqtt://127.0.0.1:${broker.port}`)
    const connection = await broker.accept()
    connection.write(packets(5).connack(false))
    expect(await failure).toMatchObject({ code: 'MQTT_TIMEOUT', message: expect.stringContaining('stopped answering') })
  })

  it('names what hangs up in both protocol versions', async () => {
    const server = createTcpServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    expect(await failureOf({ url: `mqtt://127.0.0.1:${port}` })).toMatchObject({ code: 'MQTT_PROTOCOL' })
  })

  it('names a web server that is no broker', async () => {
    const server = createServer((_request, response) => response.writeHead(404).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    expect(await failureOf({ url: `ws://127.0.0.1:${port}` })).toMatchObject({
      code: 'MQTT_PROTOCOL',
      message: `connect ws://127.0.0.1:${port}: Unexpected server response: 404`,
    })
  })

  it.for(['auto', '5', '3.1.1'] as const)('names bad credentials, and shows none, protocol %s', async (protocol, ctx) => {
    const { url } = await givenMosquitto(ctx, {
      files: { passwords: '' },
      lines: ['allow_anonymous false', 'password_file {dir}/passwords'],
    })
    const withUser = url.replace('//', '//canary-4:canary-5@')
    const error = await failureOf({ url: withUser, protocol }, ['canary-4', 'canary-5'])
    expect(error).toMatchObject({ code: 'MQTT_AUTH', reasonCode: protocol === '3.1.1' ? 5 : 0x87 })
    const given = { url, protocol, username: 'canary-6', password: Buffer.from('canary-7') }
    expect(await failureOf(given, ['canary-6', 'canary-7', [...given.password].join(', '), given.password.toString('hex')])).toMatchObject({
      code: 'MQTT_AUTH',
    })
  })

  it.for([
    [5, 0x88, 'MQTT_CONNECT_REFUSED', 'Server unavailable (0x88)'],
    [5, 0x85, 'MQTT_CONNECT_REFUSED', 'Client Identifier not valid (0x85)'],
    [4, 0x03, 'MQTT_CONNECT_REFUSED', 'Server unavailable (0x03)'],
    [4, 0x04, 'MQTT_AUTH', 'Bad username or password (0x04)'],
  ] as const)('names CONNACK of version %i with code %i', async ([version, reasonCode, code, words]) => {
    const broker = await startWireBroker()
    onTestFinished(() => broker.close())
    const failure = failureOf({ url: `mqtt://127.0.0.1:${broker.port}`, protocol: version === 5 ? '5' : '3.1.1' })
    const connection = await broker.accept()
    connection.write(packets(version).connack(false, reasonCode))
    expect(await failure).toMatchObject({ code, reasonCode, message: `connect mqtt://127.0.0.1:${broker.port}: ${words}` })
  })

  it('falls back to MQTT 3.1.1 when the broker hangs up twice, and remembers', async () => {
    const broker = await startWireBroker()
    onTestFinished(() => broker.close())
    const transport = givenTransport({ url: `mqtt://127.0.0.1:${broker.port}` })
    const session = record()
    const opened = transport.open(session)
    const [first, again] = [await broker.accept(), broker.accept()]
    first.destroy()
    // It may have been starting: asked once more.
    const second = await again
    second.destroy()
    const third = await broker.accept()
    third.write(packets(4).connack(false))
    await grant(third, qosQuestion)
    await opened
    expect(transport.capabilities).toMatchObject({ reply: false, userProperties: false })
    third.destroy()
    const fourth = await broker.accept()
    fourth.write(packets(4).connack(false))
    await session.until(({ healths }) => healths.filter(({ state }) => state === 'connected').length === 2)
    expect([first, second, third, fourth].map(({ version }) => version)).toEqual([5, 5, 4, 4])
  })

  it.each([
    ['hangs up on', (connection: WireConnection) => connection.destroy()],
    ['does not answer', () => {}],
  ])('connects to a broker of MQTT 3.1.1 that %s the question for its highest QoS', async (_, react) => {
    const broker = await startWireBroker()
    onTestFinished(() => broker.close())
    const transport = givenTransport({
      url: `mqtt://127.0.0.1:${broker.port}`,
      protocol: '3.1.1',
      connectTimeoutMs: 100,
      closeTimeoutMs: 50,
    })
    const opened = transport.open(record())
    const first = await broker.accept()
    first.write(packets(4).connack(false))
    await first.readUntil(Buffer.from(qosQuestion))
    react(first)
    const second = await broker.accept()
    second.write(packets(4).connack(false))
    await opened
    expect(transport.capabilities.qos).toBe(2)
  })

  it('gives up at once when the signal aborts, and when it is closed', async () => {
    const broker = await startWireBroker()
    onTestFinished(() => broker.close())
    const url = `mqtt://127.0.0.1:${broker.port}`
    const reason = new Error('enough')
    const controller = new AbortController()
    const aborted = givenTransport({ url }).open(record(), { signal: controller.signal })
    await broker.accept()
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    const transport = givenTransport({ url })
    const closed = transport.open(record())
    const connection = await broker.accept()
    await Promise.all([transport.close(), expect(closed).rejects.toMatchObject({ code: 'MQTT_CLOSED' }), connection.closed])
    expect(transport.health().state).toBe('closed')
  })
})

describe('TLS', () => {
  let authority: CertificateAuthority
  let stranger: CertificateAuthority

  beforeAll(async () => {
    authority = await createCertificateAuthority()
    stranger = await createCertificateAuthority({ commonName: 'Stranger' })
  })

  /** A Mosquitto with `mqtts` and `wss`. */
  async function givenTls(
    ctx: TestContext,
    { hosts = ['127.0.0.1', 'localhost'], notAfter, clients = false }: { hosts?: string[]; notAfter?: Date; clients?: boolean } = {},
  ) {
    const { cert, key } = await authority.issue({ commonName: 'broker', hosts, ...(notAfter && { notAfter }) })
    const tls = [
      'cafile {dir}/ca.pem',
      'certfile {dir}/cert.pem',
      'keyfile {dir}/key.pem',
      ...(clients ? ['require_certificate true'] : []),
    ]
    const { ports } = await givenMosquitto(ctx, {
      files: { 'ca.pem': authority.ca, 'cert.pem': cert, 'key.pem': key },
      listeners: [tls, [...tls, 'protocol websockets']],
    })
    return { mqtts: `mqtts://127.0.0.1:${ports[0]}`, wss: `wss://127.0.0.1:${ports[1]}/mqtt` }
  }

  it.for(['mqtts', 'wss'] as const)('carries messages over %s', async (scheme, ctx) => {
    const { [scheme]: url } = await givenTls(ctx)
    expect(await echo({ url, tls: { ca: authority.ca } })).toBe('through')
    expect(await echo({ url, tls: { ca: [Buffer.from(stranger.ca), Buffer.from(authority.ca)] } })).toBe('through')
    expect(await echo({ url, tls: { rejectUnauthorized: false } })).toBe('through')
  })

  it.for(['mqtts', 'wss'] as const)('takes a client certificate over %s, and names its lack or a foreign one', async (scheme, ctx) => {
    const { [scheme]: url } = await givenTls(ctx, { clients: true })
    const own = await authority.issue({ commonName: 'butler', client: true })
    const foreign = await stranger.issue({ commonName: 'butler', client: true })
    expect(await echo({ url, tls: { ca: authority.ca, ...own } })).toBe('through')
    const secrets = [foreign.key.split('\n')[1] ?? '']
    expect(await failureOf({ url, tls: { ca: authority.ca } })).toMatchObject({
      code: 'MQTT_TLS',
      hint: expect.stringContaining('client certificate'),
    })
    expect(await failureOf({ url, tls: { ca: authority.ca, ...foreign } }, secrets)).toMatchObject({
      code: 'MQTT_TLS',
      hint: 'the broker refused our client certificate',
    })
  })

  it.for(['mqtts', 'wss'] as const)('names an unknown authority, another host and an expired certificate over %s', async (scheme, ctx) => {
    const fine = await givenTls(ctx)
    expect(await failureOf({ url: fine[scheme] })).toMatchObject({ code: 'MQTT_TLS', hint: expect.stringContaining('unknown authority') })
    expect(await failureOf({ url: fine[scheme], tls: { ca: stranger.ca } })).toMatchObject({
      hint: expect.stringContaining('unknown authority'),
    })
    const other = await givenTls(ctx, { hosts: ['other.lab'] })
    expect(await failureOf({ url: other[scheme], tls: { ca: authority.ca } })).toMatchObject({
      hint: expect.stringContaining('another host'),
    })
    const expired = await givenTls(ctx, { notAfter: new Date(Date.now() - 1_000) })
    expect(await failureOf({ url: expired[scheme], tls: { ca: authority.ca } })).toMatchObject({ hint: expect.stringContaining('expired') })
  })

  it.for(['mqtts', 'wss'] as const)('checks the name given as servername over %s', async (scheme, ctx) => {
    const { [scheme]: url } = await givenTls(ctx, { hosts: ['broker.lab'] })
    expect(await echo({ url, tls: { ca: authority.ca, servername: 'broker.lab' } })).toBe('through')
  })

  it('names a port that does not speak TLS, and a key that cannot be used', async (ctx) => {
    const { ports } = await givenMosquitto(ctx)
    expect(await failureOf({ url: `mqtts://127.0.0.1:${ports[0]}` })).toMatchObject({
      code: 'MQTT_TLS',
      hint: expect.stringContaining('speak TLS'),
    })
    const { cert } = await authority.issue({ commonName: 'butler', client: true })
    const tls = { cert, key: 'no key, canary-8', passphrase: 'canary-9' }
    expect(await failureOf({ url: `mqtts://127.0.0.1:${ports[0]}`, tls }, ['canary-8', 'canary-9'])).toMatchObject({
      code: 'MQTT_TLS',
      hint: expect.stringContaining('cannot be used'),
    })
  })
})

it('carries messages over ws', async (ctx) => {
  const { ports } = await givenMosquitto(ctx, { listeners: [[], ['protocol websockets']] })
  expect(await echo({ url: `ws://127.0.0.1:${ports[1]}/mqtt` })).toBe('through')
})

/** Sends a message to itself; gives what arrived. */
async function echo(options: MqttOptions): Promise<string> {
  const { transport, session } = await givenOpen(options, { subscriptions: [{ filter: 'in', qos: 1 }] })
  await transport.publish({ topic: 'in', payload: bytes('through'), qos: 1, retain: false })
  await session.until(({ messages }) => messages.length === 1)
  await transport.close()
  return text(session.messages[0]?.payload ?? bytes(''))
}

async function failureOfSubscribing(url: string): Promise<unknown> {
  const transport = mqtt({ url, connectTimeoutMs: 50 })
  onTestFinished(() => transport.close())
  return transport.open(record({ subscriptions: [{ filter: 'in', qos: 1 }] })).catch((error: unknown) => error)
}
