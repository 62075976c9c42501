import assert from 'node:assert/strict'
import type { ContractCase } from '../contract.js'
import { isButlerError } from '../is-butler-error.js'
import { need } from './needs.js'
import type { TransportStage } from './stage.js'

/** Subscriptions as a set, and retained messages. */
export const subscriptionCases: readonly ContractCase<TransportStage>[] = [
  {
    name: 'subscribes to what is new and unsubscribes from what is not named',
    exempt: need('publish'),
    async run({ open, subscription }) {
      const { transport, session, publish } = await open({ filters: ['contract/a', 'contract/b'] })
      await transport.subscribe(['contract/b', 'contract/c'].map(subscription))
      for (const topic of ['a', 'b', 'c']) await publish(`contract/${topic}`)
      await session.until(({ topics }) => ['contract/b', 'contract/c'].every((topic) => topics.includes(topic)))
      // Among topics there is no order.
      assert.deepEqual(session.topics.toSorted(), ['contract/b', 'contract/c'])
    },
  },
  {
    name: 'delivers once, however often a filter was named',
    exempt: need('publish'),
    async run({ open, subscription }) {
      const { transport, session, publish } = await open({ filters: ['contract/#'] })
      for (const filters of [['contract/#'], ['contract/#', 'end'], ['end', 'contract/#']]) {
        await transport.subscribe(filters.map(subscription))
      }
      await publish('contract/x')
      await publish('end')
      await session.until(({ topics }) => topics.includes('end'))
      assert.deepEqual(session.topics, ['contract/x', 'end'])
    },
  },
  {
    name: 'subscribes to filters whatever their names and order',
    exempt: need('publish'),
    async run({ open, subscription }) {
      const names = ['resubscribe', '__proto__', 'constructor', 'b', '7', 'a', 'end']
      const { transport, session, publish } = await open({ filters: names })
      for (const name of names) await publish(name)
      await session.until(({ topics }) => names.every((name) => topics.includes(name)))
      assert.deepEqual(session.topics.toSorted(), names.toSorted())
      await transport.subscribe(['end'].map(subscription))
      for (const name of names) await publish(name)
      await session.until(({ topics }) => topics.length > names.length)
      assert.deepEqual(session.topics.slice(names.length), ['end'])
    },
  },
  {
    name: 'may be left with no subscription',
    exempt: need('publish'),
    async run({ open, subscription }) {
      const { transport, session, publish } = await open({ filters: ['contract/#'] })
      await transport.subscribe([])
      await publish('contract/x')
      await transport.subscribe(['end'].map(subscription))
      await publish('end')
      await session.until(({ messages }) => messages.length > 0)
      assert.deepEqual(session.topics, ['end'])
    },
  },
  {
    name: 'refuses a topic filter MQTT does not allow, and keeps those it has',
    exempt: need('publish'),
    async run({ open, subscription }) {
      const { transport, session, publish } = await open({ filters: ['contract/#'] })
      for (const filter of ['', 'a#', 'a/#/b', 'a+', '$share/group']) {
        await assert.rejects(transport.subscribe([subscription('contract/#'), subscription(filter)]), isButlerError, JSON.stringify(filter))
      }
      await publish('contract/x')
      await session.until(({ messages }) => messages.length > 0)
      assert.deepEqual(session.topics, ['contract/x'])
      assert.equal(transport.health().state, 'connected')
    },
  },
  {
    name: 'hands a retained message to later subscriptions, marked, and the next one unmarked',
    exempt: need('retain'),
    async run({ open, subscription }) {
      const { publish } = await open()
      await publish('contract/kept', 'first', { retain: true })
      await publish('contract/kept', 'last', { retain: true })
      const opened = await open({ filters: ['contract/+'] })
      const subscribed = await open()
      await subscribed.transport.subscribe([subscription('contract/#')])
      for (const { session } of [opened, subscribed]) await session.until(({ messages }) => messages.length === 1)
      await publish('contract/kept', 'live', { retain: true })
      for (const { session } of [opened, subscribed]) {
        await session.until(({ messages }) => messages.length === 2)
        assert.deepEqual(session.texts, ['last', 'live'])
        assert.deepEqual(
          session.messages.map(({ retain }) => retain),
          [true, false],
        )
      }
    },
  },
  {
    name: 'forgets a retained message when an empty one replaces it',
    exempt: need('retain'),
    async run({ open, subscription }) {
      const { publish } = await open()
      await publish('contract/kept', 'kept', { retain: true })
      await publish('contract/kept', '', { retain: true })
      const { transport, session } = await open({ filters: ['contract/#'] })
      await transport.subscribe(['contract/#', 'end'].map(subscription))
      await publish('end')
      await session.until(({ messages }) => messages.length > 0)
      assert.deepEqual(session.topics, ['end'])
    },
  },
  {
    name: 'does not ask again for what it is subscribed to',
    exempt: need('retain'),
    async run({ open, subscription }) {
      const { publish } = await open()
      await publish('contract/kept', 'kept', { retain: true })
      const { transport, session } = await open({ filters: ['contract/#'] })
      await session.until(({ messages }) => messages.length === 1)
      await transport.subscribe(['contract/#', 'end'].map(subscription))
      await publish('end')
      await session.until(({ topics }) => topics.includes('end'))
      assert.deepEqual(session.topics, ['contract/kept', 'end'])
    },
  },
  {
    name: 'widens and narrows a subscription with each message delivered once',
    exempt: need('publish'),
    async run({ open, subscription }) {
      const { transport, session, publish } = await open({ filters: ['contract/a', 'end'] })
      for (const filter of ['contract/+', 'contract/#', 'contract/a', 'contract/+', 'contract/a']) {
        await transport.subscribe([filter, 'end'].map(subscription))
        await publish('contract/a', filter)
      }
      await publish('end')
      await session.until(({ topics }) => topics.length >= 6 && topics.includes('end'))
      const texts = session.texts.filter((text) => text !== '')
      assert.deepEqual(texts, ['contract/+', 'contract/#', 'contract/a', 'contract/+', 'contract/a'])
    },
  },
  {
    name: 'takes changes that come at once in the order they come',
    exempt: need('publish'),
    async run({ open, subscription }) {
      const { transport, session, publish } = await open({ filters: ['contract/a'] })
      const sets = [['contract/b'], ['contract/a', 'contract/b'], [], ['contract/c', 'end']]
      await Promise.all(sets.map((filters) => transport.subscribe(filters.map(subscription))))
      for (const topic of ['contract/a', 'contract/b', 'contract/c', 'end']) await publish(topic)
      await session.until(({ topics }) => ['contract/c', 'end'].every((topic) => topics.includes(topic)))
      assert.deepEqual(session.topics.toSorted(), ['contract/c', 'end'])
    },
  },
  {
    name: 'tells by which subscriptions a message came',
    exempt: need('subscriptionIdentifiers'),
    async run({ open, subscription }) {
      const { transport, session, publish } = await open()
      await transport.subscribe([
        { ...subscription('contract/#'), id: 1 },
        { ...subscription('contract/+'), id: 268_435_455 },
        { ...subscription('end'), id: 7 },
      ])
      await publish('contract/x')
      await publish('end')
      await session.until(({ topics }) => topics.includes('end'))
      // One copy with all, or one copy for each: MQTT 5.0, section 3.3.4.
      const ids = session.messages.flatMap(({ subscriptionIds = [] }) => subscriptionIds)
      assert.deepEqual(new Set(ids), new Set([1, 268_435_455, 7]))
      assert.equal(ids.length, 3)
    },
  },
  {
    name: 'takes a new identifier for a filter it is subscribed to',
    exempt: need('subscriptionIdentifiers'),
    async run({ open, subscription }) {
      const { transport, session, publish } = await open()
      for (const id of [1, 2]) await transport.subscribe([{ ...subscription('contract/#'), id }])
      await publish('contract/x')
      await session.until(({ messages }) => messages.length > 0)
      assert.deepEqual(
        session.messages.map(({ subscriptionIds }) => subscriptionIds),
        [[2]],
      )
    },
  },
  {
    name: 'gives each message of a shared subscription to one of its members',
    exempt: need('sharedSubscriptions'),
    async run({ open }) {
      const members = [await open({ filters: ['$share/contract/x'] }), await open({ filters: ['$share/contract/x'] })]
      const { session, publish } = await open({ filters: ['x'] })
      const numbers = Array.from({ length: 20 }, (_, index) => `${index}`)
      for (const number of numbers) await publish('x', number)
      await session.until(({ messages }) => messages.length === numbers.length)
      const shared = () => members.flatMap((member) => member.session.texts)
      await Promise.race(members.map((member) => member.session.until(() => shared().length >= numbers.length)))
      assert.deepEqual(new Set(shared()), new Set(numbers))
      assert.equal(shared().length, numbers.length)
    },
  },
]
