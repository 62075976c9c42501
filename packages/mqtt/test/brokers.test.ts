import { butlerStatus, createButler, createRouter, exponential, text as textCodec, topic, type Butler } from '@butlerkit/core'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { z } from 'zod'
import { mqtt, MqttError, type MqttOptions } from '../src/index.js'
import type { RunningBroker } from './brokers/broker-process.js'
import { brokerKinds } from './brokers/kinds.js'
import { givenProxy, givenTransport } from './fixtures.js'
import { bytes, record, text } from './session.js'

const order = topic('site/+name/order', { payload: z.object({ number: z.number().int() }), qos: 1 })
const done = topic('site/+name/done', { codec: textCodec, payload: z.string(), qos: 1 })

describe.each(brokerKinds)('$name', ({ missing, options, abilities, start }) => {
  let broker: RunningBroker

  beforeAll(async () => {
    if (missing === undefined) broker = await start()
  }, 120_000)
  afterAll(() => broker?.close(), 60_000)

  /** The URL of the broker, or a skipped test that says why. */
  function urlOf(ctx: TestContext): string {
    ctx.skip(missing !== undefined, missing)
    return broker.url
  }

  async function givenClient(clientOptions: IClientOptions = {}): Promise<MqttClient> {
    const { username, password } = options
    const client = await connectAsync(broker.url, {
      protocolVersion: 4,
      ...(username && { username }),
      ...(password && { password }),
      ...clientOptions,
    })
    onTestFinished(() => client.endAsync(true))
    return client
  }

  async function givenButler(mqttOptions: Partial<MqttOptions>, handle: (number: number) => unknown): Promise<Butler> {
    const router = createRouter()
    router.on(
      order,
      async ({ params, payload }) => {
        await handle(payload.number)
        await butler.publish(done, params, `done ${payload.number}`)
      },
      { retry: { attempts: 2, backoff: exponential({ initialMs: 1 }) } },
    )
    const transport = mqtt({ url: broker.url, reconnect: { initialMs: 10, maxMs: 100 }, ...options, ...mqttOptions })
    const butler: Butler = createButler({ name: 'butler-1', transports: [transport], status: butlerStatus }).mount(router)
    onTestFinished(() => butler.stop())
    return butler.start()
  }

  it('serves a butler: routes, retries, answers, status, and what came while it was away', async (ctx) => {
    urlOf(ctx)
    const heard: string[] = []
    const client = await givenClient()
    let ask = () => {}
    const until = (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        ask = () => condition() && resolve()
        ask()
      })
    client.on('message', (topicName, payload) => {
      heard.push(topicName.endsWith('status') ? (JSON.parse(text(payload)) as { state: string }).state : text(payload))
      ask()
    })
    await client.subscribeAsync(['site/+/done', 'butler/+/status'], { qos: 1 })
    const send = (number: number) => client.publishAsync('site/lab/order', JSON.stringify({ number }), { qos: 1 })
    const handled: number[] = []
    const failOnce = (number: number) => {
      handled.push(number)
      if (handled.indexOf(number) === handled.length - 1) throw new Error('not at once')
    }
    const first = await givenButler({ clientId: 'e2e', durable: true }, failOnce)
    await send(1)
    await client.publishAsync('site/lab/order', '{ broken', { qos: 1 })
    await send(2)
    await until(() => heard.includes('done 1') && heard.includes('done 2'))
    await first.stop()
    await send(3)
    await givenButler({ clientId: 'e2e', durable: true }, failOnce)
    await until(() => heard.includes('done 3'))
    expect(handled.toSorted()).toEqual([1, 1, 2, 2, 3, 3])
    expect(heard.filter((line) => line.startsWith('done')).toSorted()).toEqual(['done 1', 'done 2', 'done 3'])
    expect(heard.filter((line) => !line.startsWith('done'))).toEqual(['online', 'draining', 'offline', 'online'])
  })

  it('gives again what was in a handler when the link broke', async (ctx) => {
    urlOf(ctx)
    const relay = await givenProxy(broker.port)
    const client = await givenClient()
    const transport = givenTransport({ ...options, url: relay.url, clientId: 'cut', durable: true })
    const session = record({ subscriptions: [{ filter: 'cut/#', qos: 1 }], receive: () => 'leave' })
    await transport.open(session)
    await client.publishAsync('cut/1', 'again', { qos: 1 })
    await session.until(({ messages }) => messages.length === 1)
    relay.cut()
    await session.until(({ messages }) => messages.length === 2)
    expect(session.messages.map(({ payload }) => text(payload))).toEqual(['again', 'again'])
  })

  it(`${abilities['MQTT 5'] ? 'speaks' : 'does not speak'} MQTT 5`, async (ctx) => {
    const url = urlOf(ctx)
    const opened = givenTransport({ ...options, url, protocol: '5' }).open(record())
    expect(await outcomeOf(opened)).toBe(abilities['MQTT 5'] ? 'done' : 'MQTT_PROTOCOL')
    const transport = givenTransport({ ...options, url })
    await transport.open(record())
    expect(transport.capabilities.userProperties).toBe(abilities['MQTT 5'])
  })

  it(`${abilities['QoS 2'] ? 'takes' : 'does not take'} QoS 2, and the transport knows`, async (ctx) => {
    const url = urlOf(ctx)
    const transport = givenTransport({ ...options, url })
    const session = record({ subscriptions: [{ filter: 'two', qos: abilities['QoS 2'] ? 2 : 1 }] })
    const publish = () => outcomeOf(transport.publish({ topic: 'two', payload: bytes('x'), qos: 2, retain: false }))
    const opened = transport.open(session)
    const early = publish()
    await opened
    expect(transport.capabilities.qos).toBe(abilities['QoS 2'] ? 2 : 1)
    const outcome = abilities['QoS 2'] ? 'done' : 'MQTT_UNSUPPORTED'
    expect([await early, await publish()]).toEqual([outcome, outcome])
    if (abilities['QoS 2']) await session.until(({ messages }) => messages.some(({ qos }) => qos === 2))
  })

  it(`${abilities['retained, to a wildcard'] ? 'sends' : 'does not send'} retained messages to a wildcard filter`, async (ctx) => {
    const url = urlOf(ctx)
    const client = await givenClient()
    await client.publishAsync('kept/1', 'kept', { qos: 1, retain: true })
    const session = record({
      subscriptions: [
        { filter: 'kept/#', qos: 1 },
        { filter: 'marker', qos: 1 },
      ],
    })
    const transport = givenTransport({ ...options, url })
    await transport.open(session)
    await transport.publish({ topic: 'marker', payload: bytes('marker'), qos: 1, retain: false })
    await session.until(({ messages }) => messages.some(({ topic: name }) => name === 'marker'))
    expect(session.messages.some(({ topic: name, retain }) => name === 'kept/1' && retain)).toBe(abilities['retained, to a wildcard'])
  })

  it(`${abilities['kept session'] ? 'keeps' : 'does not keep'} a session, ${abilities.will ? 'and sends a will' : 'and sends no will'}`, async (ctx) => {
    const url = urlOf(ctx)
    const relay = await givenProxy(broker.port)
    const client = await givenClient()
    const heard = new Promise<string>((resolve) => client.once('message', (_topic, payload) => resolve(text(payload))))
    const options2 = { ...options, clientId: 'willing', durable: true, reconnect: { initialMs: 100_000, maxMs: 100_000 } }
    const status = { topic: 'will/status', online: bytes('online'), draining: bytes('draining'), offline: bytes('offline') }
    const transport = givenTransport({ ...options2, url: relay.url })
    await transport.open(record({ status, subscriptions: [{ filter: 'away', qos: 1 }] }))
    await client.subscribeAsync('will/status', { qos: 1 })
    expect(await heard).toBe('online')
    const willed = new Promise<string>((resolve) => client.once('message', (_topic, payload) => resolve(text(payload))))
    relay.cut()
    expect(await willed).toBe('offline')
    await client.publishAsync('away', 'meanwhile', { qos: 1 })
    const session = record({ subscriptions: [{ filter: 'away', qos: 1 }] })
    await transport.close()
    await givenTransport({ ...options2, url }).open(session)
    await session.until(({ messages }) => messages.length === 1)
    expect(text(session.messages[0]?.payload ?? bytes(''))).toBe('meanwhile')
  })

  it(`${abilities['shared subscription'] ? 'shares' : 'does not share'} a subscription within a group, and says so`, async (ctx) => {
    const url = urlOf(ctx)
    const protocols = abilities['MQTT 5'] ? (['5', '3.1.1'] as const) : (['auto'] as const)
    for (const protocol of protocols) {
      const filter = `$share/butlers/work-${protocol}/#`
      const sessions = [record({ subscriptions: [{ filter, qos: 1 }] }), record({ subscriptions: [{ filter, qos: 1 }] })]
      const opened = sessions.map((session) => givenTransport({ ...options, url, protocol }).open(session))
      const results = await Promise.all(opened.map(outcomeOf))
      const expected = abilities['shared subscription'] ? 'done' : 'MQTT_UNSUPPORTED'
      expect(results).toEqual([expected, expected])
      if (!abilities['shared subscription']) continue
      const client = await givenClient()
      for (let number = 0; number < 20; number += 1) await client.publishAsync(`work-${protocol}/1`, `${number}`, { qos: 1 })
      const both = () => sessions.flatMap(({ messages }) => messages.map(({ payload }) => Number(text(payload))))
      await Promise.race(sessions.map((session) => session.until(() => both().length === 20)))
      expect(both().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, number) => number))
      expect(sessions.every(({ messages }) => messages.length > 0)).toBe(true)
    }
  })

  it(`${abilities['UNSUBSCRIBE after resuming'] ? 'forgets' : 'does not forget'} a filter of an earlier connection`, async (ctx) => {
    urlOf(ctx)
    const relay = await givenProxy(broker.port)
    const client = await givenClient()
    const transport = givenTransport({ ...options, url: relay.url, clientId: 'forgetful', durable: true })
    const filters = (...names: readonly string[]) => names.map((filter) => ({ filter, qos: 1 }) as const)
    const session = record({ subscriptions: filters('forget/old', 'forget/end') })
    await transport.open(session)
    relay.cut()
    await session.until(({ healths }) => healths.filter(({ state }) => state === 'connected').length === 2)
    await transport.subscribe(filters('forget/end'))
    for (const name of ['forget/old', 'forget/end']) await client.publishAsync(name, '', { qos: 1 })
    await session.until(({ messages }) => messages.at(-1)?.topic === 'forget/end')
    expect(session.messages).toHaveLength(abilities['UNSUBSCRIBE after resuming'] ? 1 : 2)
  })

  it(`${abilities['stays after a publish it forbids'] ? 'drops' : 'hangs up on'} what we may not publish, and the rest goes on`, async (ctx) => {
    const url = urlOf(ctx)
    for (const protocol of abilities['MQTT 5'] ? (['5', '3.1.1'] as const) : (['3.1.1'] as const)) {
      const transport = givenTransport({ ...options, url, protocol, reconnect: { initialMs: 1, maxMs: 1 } })
      const session = record({
        subscriptions: [
          { filter: 'guarded/#', qos: 1 },
          { filter: 'open/+', qos: 1 },
        ],
      })
      await transport.open(session)
      const publish = (topicName: string) => outcomeOf(transport.publish({ topic: topicName, payload: bytes('x'), qos: 1, retain: false }))
      const outcomes = await Promise.all([publish('guarded/by/the/broker'), publish('open/x')])
      await session.until(({ messages }) => messages.length > 0)
      const silent = protocol === '3.1.1' && abilities['stays after a publish it forbids']
      expect(outcomes).toEqual([silent ? 'done' : 'MQTT_PUBLISH_REFUSED', 'done'])
      expect(session.messages.map(({ topic: name }) => name)).toContain('open/x')
      expect(session.messages.map(({ topic: name }) => name)).not.toContain('guarded/by/the/broker')
      expect(session.healths.some(({ state }) => state === 'reconnecting')).toBe(!silent && protocol === '3.1.1')
    }
  })
})

/** `done`, or the code of the error it failed with. */
function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof MqttError ? error.code : error),
  )
}
