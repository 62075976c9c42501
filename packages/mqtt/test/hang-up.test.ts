import { expect, it, onTestFinished } from 'vitest'
import { startAedes, type AedesBroker } from './brokers/aedes.js'
import { givenObserver, givenOpen, statusMessages } from './fixtures.js'
import { bytes } from './session.js'

/** A broker that hangs up on a client named `reader` over what is published, where `forbids` says so. */
async function givenStrictBroker(forbids: (topicName: string) => boolean): Promise<AedesBroker> {
  const broker = await startAedes({
    authorizePublish: (client, { topic }, done) => done(client?.id === 'reader' && forbids(topic) ? new Error('forbidden') : null),
  })
  onTestFinished(() => broker.close())
  return broker
}

const reader = { clientId: 'reader', protocol: '3.1.1', reconnect: { initialMs: 1, maxMs: 1 } } as const
const subscriptions = [{ filter: 'in/#', qos: 1 }] as const
const message = (topic: string) => ({ topic, payload: bytes(topic), qos: 1, retain: false }) as const

it('reads on with credentials that may only read, and says that its status is not told', async () => {
  const { url } = await givenStrictBroker((topicName) => topicName === statusMessages.topic)
  const { transport, session } = await givenOpen({ ...reader, url }, { subscriptions, status: statusMessages })
  expect(transport.health()).toMatchObject({
    state: 'connected',
    reason: 'the status is not told: the broker has hung up each time it was',
  })
  const sender = await givenObserver(url)
  await sender.publish('in/1', 'read')
  await session.until(({ messages }) => messages.length === 1)
  await transport.drain()
  expect(session.healths.map(({ state }) => state)).toEqual(['connecting', 'connected', 'draining'])
})

it('names the topic it may not publish to while the connection is lost over it, then refuses it and goes on', async () => {
  const { url } = await givenStrictBroker((topicName) => topicName.startsWith('secret/'))
  const { transport, session } = await givenOpen({ ...reader, url }, { subscriptions, status: statusMessages })
  const observer = await givenObserver(url, 'out/#')
  const publishes = ['secret/1', 'out/1', 'secret/1', 'secret/1'].map((topic) => transport.publish(message(topic)))
  const outcomes = await Promise.allSettled(publishes)
  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { code: 'MQTT_PUBLISH_REFUSED', message: expect.stringContaining('"secret/1"') } },
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'MQTT_PUBLISH_REFUSED' } },
    { status: 'rejected', reason: { code: 'MQTT_PUBLISH_REFUSED' } },
  ])
  await observer.until(1)
  expect(session.healths.map(({ reason = '' }) => reason)).toContainEqual(
    expect.stringContaining('as before, after a message to "secret/1" was sent: the broker may not allow it'),
  )
  await session.until(() => transport.health().state === 'connected')
  expect(transport.health().reason).toBe('the broker has hung up each time something was published to "secret/1"')

  const lost = session.healths.length
  await expect(transport.publish(message('secret/1'))).rejects.toMatchObject({ code: 'MQTT_PUBLISH_REFUSED' })
  await expect(transport.publish({ ...message('secret/1'), qos: 0 })).rejects.toMatchObject({ code: 'MQTT_PUBLISH_REFUSED' })
  await transport.publish(message('out/2'))
  expect(session.healths).toHaveLength(lost)
})
