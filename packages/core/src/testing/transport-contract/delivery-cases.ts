import assert from 'node:assert/strict'
import type { QoS } from '../../transport/transport.js'
import type { ContractCase } from '../contract.js'
import { toBytes } from '../recording-session.js'
import { isButlerError } from '../is-butler-error.js'
import { need } from './needs.js'
import type { TransportStage } from './stage.js'

const payloads: readonly (readonly [what: string, payload: Uint8Array])[] = [
  ['an empty payload', new Uint8Array()],
  ['every byte there is', Uint8Array.from({ length: 256 }, (_, byte) => byte)],
  ['text beyond ASCII', toBytes('Ärger, 🦉, \u0000, \u2028')],
  ['more than 64 kB', Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31) % 251)],
]

const topics = ['sport', 'sport/', '/sport', 'sport/tennis', 'sport/tennis/final', 'sport//final', 'other']

/** Which of the topics above each filter matches: MQTT 5.0, section 4.7. */
const matches: readonly (readonly [filter: string, matched: readonly string[]])[] = [
  ['sport/tennis', ['sport/tennis']],
  ['sport/+', ['sport/', 'sport/tennis']],
  ['sport/#', ['sport', 'sport/', 'sport/tennis', 'sport/tennis/final', 'sport//final']],
  ['+/tennis', ['sport/tennis']],
  ['/+', ['/sport']],
  ['+/+', ['sport/', '/sport', 'sport/tennis']],
  ['sport/+/final', ['sport/tennis/final', 'sport//final']],
  ['#', topics],
]

const wrongTopics = ['', 'a/+', 'a/#', 'a\0b', '\ud800', 'x'.repeat(65_536)]

/** What arrives, and as what. */
export const deliveryCases: readonly ContractCase<TransportStage>[] = [
  ...payloads.map(([what, payload]): ContractCase<TransportStage> => ({
    name: `carries ${what} unchanged`,
    exempt: need('publish'),
    async run({ open }) {
      const { session, publish } = await open({ filters: ['contract/x'] })
      await publish('contract/x', '', { payload })
      await session.until(({ messages }) => messages.length === 1)
      assert.ok(Buffer.from(payload).equals(session.messages[0]?.payload ?? toBytes('nothing')))
    },
  })),
  {
    name: 'shares no bytes with who published them',
    exempt: need('publish'),
    async run({ open }) {
      const { session, publish } = await open({ filters: ['contract/x'] })
      const payload = toBytes('as it was')
      const published = publish('contract/x', '', { payload })
      await published
      payload.fill(0)
      await session.until(({ messages }) => messages.length === 1)
      assert.deepEqual(session.texts, ['as it was'])
    },
  },
  ...([0, 1, 2] as const).map((qos): ContractCase<TransportStage> => ({
    name: `carries QoS ${qos}`,
    exempt: qos === 0 ? need('publish') : need(`qos${qos}`),
    async run({ open }) {
      const { transport, session, publish } = await open()
      await transport.subscribe([{ filter: 'contract/+', qos }])
      await publish('contract/x', 'x', { qos })
      await session.until(({ messages }) => messages.length === 1)
      const { payload: _, properties: __, ...rest } = session.messages[0] ?? { payload: 0, properties: 0 }
      assert.deepEqual(rest, { topic: 'contract/x', qos, retain: false, duplicate: false })
    },
  })),
  {
    name: 'delivers at the lower quality of service of publisher and subscription',
    exempt: need('qos1'),
    async run({ open, capabilities }) {
      const { transport, session, publish } = await open()
      const highest = capabilities.qos
      await transport.subscribe([
        { filter: 'contract/low', qos: 0 },
        { filter: 'contract/high', qos: highest },
      ])
      for (const [topic, qos] of [
        ['low', highest],
        ['high', 0],
      ] as const) {
        await publish(`contract/${topic}`, '', { qos })
        await session.until(({ topics: seen }) => seen.includes(`contract/${topic}`))
      }
      assert.deepEqual(
        session.messages.map(({ qos }) => qos),
        [0, 0] satisfies QoS[],
      )
    },
  },
  ...matches.map(([filter, matched]): ContractCase<TransportStage> => ({
    name: `delivers to ${filter} what it matches, and nothing else`,
    exempt: need('publish'),
    async run({ open }) {
      const { session } = await open({ filters: [filter, 'end'] })
      const { publish } = await open()
      for (const topic of [...topics, 'end']) await publish(topic)
      await session.until(({ topics: all }) => all.includes('end'))
      // A broker may deliver once for each subscription that matches. Topics with $, its own among them, are another promise.
      const seen = session.topics.filter((topic) => !topic.startsWith('$'))
      assert.deepEqual(new Set(seen), new Set([...matched, 'end']))
    },
  })),
  {
    name: 'delivers to $butlerkit/+ what it matches, and nothing else',
    exempt: need('publish'),
    async run({ open }) {
      const { session } = await open({ filters: ['$butlerkit/+', 'end'] })
      const { publish } = await open()
      for (const topic of ['$butlerkit/tennis', '$butlerkit/tennis/final', 'butlerkit/tennis', 'end']) await publish(topic)
      await session.until(({ topics: seen }) => seen.includes('end'))
      assert.deepEqual(new Set(session.topics), new Set(['$butlerkit/tennis', 'end']))
    },
  },
  {
    // MQTT 5.0, section 4.7.2.
    name: 'keeps topics that begin with $ away from filters that begin with a wildcard',
    exempt: need('publish'),
    async run({ open }) {
      const { session } = await open({ filters: ['#', '+/tennis', '+/+'] })
      const { publish } = await open()
      // One that allows nobody to publish there keeps them away, too.
      await publish('$butlerkit/tennis').catch(isButlerError)
      await publish('end')
      await session.until(({ topics: seen }) => seen.includes('end'))
      assert.deepEqual(new Set(session.topics), new Set(['end']))
    },
  },
  {
    name: 'keeps the order of what one client publishes to one topic',
    exempt: need('publish'),
    async run({ open }) {
      const { session } = await open({ filters: ['contract/#'] })
      const { publish } = await open()
      const numbers = Array.from({ length: 100 }, (_, index) => `${index}`)
      await Promise.all(numbers.map((number) => publish('contract/x', number)))
      await session.until(({ messages }) => messages.length === numbers.length)
      assert.deepEqual(session.texts, numbers)
    },
  },
  {
    name: 'carries a response topic and correlation data',
    exempt: need('reply'),
    async run({ open }) {
      const { session, publish } = await open({ filters: ['contract/x'] })
      const correlationData = Uint8Array.from([0, 1, 254, 255])
      await publish('contract/x', '', { properties: { responseTopic: 'contract/answer', correlationData } })
      await session.until(({ messages }) => messages.length === 1)
      const { properties = {} } = session.messages[0] ?? {}
      assert.equal(properties.responseTopic, 'contract/answer')
      assert.deepEqual(Uint8Array.from(properties.correlationData ?? []), correlationData)
    },
  },
  {
    name: 'refuses a response topic and correlation data, as it cannot carry them',
    exempt: need('noReply'),
    async run({ open }) {
      const { publish } = await open()
      await assert.rejects(publish('contract/x', '', { properties: { responseTopic: 'contract/answer' } }), isButlerError)
      await assert.rejects(publish('contract/x', '', { properties: { correlationData: toBytes('1') } }), isButlerError)
    },
  },
  {
    name: 'leaves out user properties, as it cannot carry them',
    exempt: need('noUserProperties'),
    async run({ open }) {
      const { session, publish } = await open({ filters: ['contract/x'] })
      await publish('contract/x', 'x', { properties: { userProperties: { by: 'me' }, contentType: 'text/plain' } })
      await session.until(({ messages }) => messages.length === 1)
      assert.deepEqual(session.texts, ['x'])
      assert.equal(session.messages[0]?.properties.userProperties, undefined)
    },
  },
  {
    name: 'carries user properties, media type and expiry',
    exempt: need('userProperties'),
    async run({ open }) {
      const { session, publish } = await open({ filters: ['contract/x'] })
      const properties = { userProperties: { by: 'Åsa', '': 'empty' }, contentType: 'text/plain', messageExpirySeconds: 3_600 }
      await publish('contract/x', '', { properties })
      await session.until(({ messages }) => messages.length === 1)
      const received = session.messages[0]?.properties
      assert.deepEqual({ ...received?.userProperties }, properties.userProperties)
      assert.equal(received?.contentType, 'text/plain')
      // A broker takes off the seconds a message has waited: [MQTT-3.3.2-6].
      const seconds = received?.messageExpirySeconds ?? 0
      assert.ok(seconds > 0 && seconds <= 3_600, `${seconds} s`)
    },
  },
  {
    name: 'refuses a topic name MQTT does not allow before it reaches the other side, and stays connected',
    exempt: need('publish'),
    async run({ open }) {
      const { transport, session, publish } = await open({ filters: ['contract/#'] })
      for (const topic of wrongTopics) await assert.rejects(publish(topic), isButlerError, JSON.stringify(topic.slice(0, 20)))
      await publish('contract/fine')
      await session.until(({ messages }) => messages.length === 1)
      assert.deepEqual(session.topics, ['contract/fine'])
      assert.equal(transport.health().state, 'connected')
      assert.ok(session.healths.every(({ state }) => state !== 'reconnecting'))
    },
  },
]
