import { expect, it, onTestFinished } from 'vitest'
import { givenMosquitto, givenObserver, givenOpen, givenProxy, givenTransport, statusMessages } from './fixtures.js'
import { bytes, record, text } from './session.js'
import { grant, packets, qosQuestion, startWireBroker } from './wire-broker.js'

const subscriptions = [{ filter: 'in/#', qos: 1 }] as const

it('goes on at the second broker when the first is gone, and back when that is gone', async (ctx) => {
  const [one, two] = [await givenMosquitto(ctx), await givenMosquitto(ctx)]
  const { transport, session } = await givenOpen({ url: [one.url, two.url] }, { subscriptions, status: statusMessages })
  const [first, second] = [await givenObserver(one.url), await givenObserver(two.url, '#')]
  await first.publish('in/1', 'at the first')
  await session.until(({ messages }) => messages.length === 1)

  const before = session.healths.length
  await first.client.endAsync(true)
  await one.kill()
  await session.until(({ healths }) => healths.at(-1)?.state === 'connected' && healths.length > before)
  const reasons = session.healths.slice(before).flatMap(({ reason = [] }) => reason)
  expect(reasons[0]).toContain(`attempt 1 at ${one.url} in`)
  expect(reasons[1]).toContain(`connect ${one.url}: nobody listens there; attempt 2 at ${two.url} in`)
  await second.publish('in/1', 'at the second')
  await session.until(({ messages }) => messages.length === 2)
  await transport.publish({ topic: 'out', payload: bytes('to the second'), qos: 1, retain: false })
  expect(session.messages.map(({ payload }) => text(payload))).toEqual(['at the first', 'at the second'])
  await second.until(3)
  expect(second.received).toEqual(['online', 'at the second', 'to the second'])

  await one.start()
  await second.client.endAsync(true)
  await two.kill()
  const third = await givenObserver(one.url, 'out')
  await transport.publish({ topic: 'out', payload: bytes('back at the first'), qos: 1, retain: false })
  await third.until(1)
  expect(third.received).toEqual(['back at the first'])
})

it('begins with the first that can be used, and rejects naming all where none can', async (ctx) => {
  const { port, url } = await givenMosquitto(ctx)
  const proxies = [await givenProxy(port), await givenProxy(port)] as const
  for (const proxy of proxies) await proxy.down()
  await givenOpen({ url: [proxies[0].url, url] }, { subscriptions })
  const transport = givenTransport({ url: [proxies[0].url, proxies[1].url] })
  const message = proxies.map((proxy) => `connect ${proxy.url}: nobody listens there`).join('; ')
  await expect(transport.open(record())).rejects.toMatchObject({ code: 'MQTT_REFUSED', message })
  expect(transport.health()).toMatchObject({ state: 'failed', reason: message })
})

it('waits for the first of all that can be used', async (ctx) => {
  const { port } = await givenMosquitto(ctx)
  const proxies = [await givenProxy(port), await givenProxy(port)] as const
  for (const proxy of proxies) await proxy.down()
  const transport = givenTransport({ url: [proxies[0].url, proxies[1].url], firstConnect: 'wait' })
  const session = record({ subscriptions })
  const opened = transport.open(session)
  await session.until(({ healths }) => healths.some(({ reason }) => reason?.includes('attempt 2')))
  await proxies[1].up()
  await opened
  expect(transport.health().state).toBe('connected')
})

it.for(['5', '3.1.1'] as const)('is subscribed at a broker that has an old session of ours, MQTT %s', async (protocol, ctx) => {
  const [one, two] = [await givenMosquitto(ctx), await givenMosquitto(ctx)]
  const options = { clientId: 'wanderer', durable: true, protocol } as const
  const earlier = await givenOpen({ ...options, url: two.url }, { subscriptions: [{ filter: 'old', qos: 1 }] })
  await earlier.transport.close()
  const { transport, session } = await givenOpen({ ...options, url: [one.url, two.url] }, { subscriptions })
  await one.stop()
  const sent = transport.publish({ topic: 'in/2', payload: bytes('of ours'), qos: 2, retain: false })
  const sender = await givenObserver(two.url)
  await sent
  await sender.publish('in/1', 'of others')
  await session.until(({ messages }) => messages.length === 2)
  expect(session.messages.map(({ payload }) => text(payload)).toSorted()).toEqual(['of others', 'of ours'])
})

it('asks each broker of MQTT 3.1.1 anew for its highest QoS', async () => {
  const [one, two] = [await startWireBroker(), await startWireBroker()]
  onTestFinished(async () => void (await Promise.all([one.close(), two.close()])))
  const { connack } = packets(4)
  const url = [one, two].map(({ port }) => `mqtt://127.0.0.1:${port}`) as [string, string]
  const session = record()
  const opened = givenTransport({ url, protocol: '3.1.1' }).open(session)
  const isAsked = async (broker: typeof one) => {
    const connection = await broker.accept()
    connection.write(connack(false))
    await grant(connection, qosQuestion)
  }
  await isAsked(one)
  await opened
  await one.close()
  await isAsked(two)
  await session.until(({ healths }) => healths.filter(({ state }) => state === 'connected').length === 2)
  expect(session.healths.at(-1)?.state).toBe('connected')
})
