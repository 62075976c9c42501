import assert from 'node:assert/strict'
import type { Disposition } from '../../transport/transport.js'
import type { ContractCase } from '../contract.js'
import { toText } from '../recording-session.js'
import { need } from './needs.js'
import type { TransportStage } from './stage.js'

const durable = { clientId: 'contract-durable', durable: true } as const

/** What handlers do, and what becomes of their messages. */
export const settlingCases: readonly ContractCase<TransportStage>[] = [
  {
    name: 'hands on the next message while one is being handled',
    exempt: need('publish'),
    async run({ open }) {
      const held = heldReceive()
      const { session, publish } = await open({ filters: ['contract/#'], receive: held.receive })
      await publish('contract/x', '1')
      await publish('contract/x', '2')
      await session.until(({ messages }) => messages.length === 2)
      held.settleAll('ack')
    },
  },
  {
    name: 'lets a handler publish and wait for it',
    exempt: need('publish'),
    async run({ open }) {
      const asking = await open({ filters: ['contract/answer'] })
      const answering = await open({
        filters: ['contract/question'],
        receive: async ({ topic, payload }) => {
          // Only that: an adapter that delivers too much would else answer itself for ever.
          if (topic === 'contract/question') await answering.publish('contract/answer', toText(payload))
          return 'ack' as const
        },
      })
      const numbers = Array.from({ length: 50 }, (_, index) => `${index}`)
      await Promise.all(numbers.map((number) => asking.publish('contract/question', number)))
      await asking.session.until(({ messages }) => messages.length === numbers.length)
      assert.deepEqual(new Set(asking.session.texts), new Set(numbers))
    },
  },
  {
    name: 'is not harmed by a handler that throws or rejects',
    exempt: need('publish'),
    async run({ open }) {
      const { transport, session, publish } = await open({
        filters: ['contract/#'],
        receive: ({ payload }) => {
          if (toText(payload) === 'throw') throw new Error('thrown in receive')
          return toText(payload) === 'reject' ? Promise.reject(new Error('rejected in receive')) : 'ack'
        },
      })
      for (const text of ['throw', 'reject', 'fine']) await publish('contract/x', text)
      await session.until(({ texts }) => texts.includes('fine'))
      assert.deepEqual(session.texts, ['throw', 'reject', 'fine'])
      assert.equal(transport.health().state, 'connected')
    },
  },
  {
    name: 'takes no message after drain, settles those it has, and still publishes',
    exempt: need('publish'),
    async run({ open }) {
      const held = heldReceive()
      const { transport, session, publish } = await open({ filters: ['contract/#'], receive: held.receive })
      const other = await open({ filters: ['out'] })
      await other.publish('contract/x', 'before')
      await session.until(({ messages }) => messages.length === 1)
      await transport.drain()
      await other.publish('contract/x', 'after')
      await publish('out', 'from a handler')
      await other.session.until(({ messages }) => messages.length === 1)
      held.settleAll('ack')
      await transport.close()
      assert.deepEqual(session.texts, ['before'])
    },
  },
  {
    name: 'delivers what came while a durable client was away',
    exempt: need('ackControl'),
    async run({ open }) {
      const other = await open()
      const first = await open({ filters: ['contract/#'] }, durable)
      await first.transport.close()
      await other.publish('contract/x', 'while away')
      const { session } = await open({ filters: ['contract/#'] }, durable)
      await session.until(({ messages }) => messages.length > 0)
      assert.deepEqual(session.texts, ['while away'])
    },
  },
  {
    name: 'leaves what came after drain to the next that takes up the session',
    exempt: need('ackControl'),
    async run({ open }) {
      const other = await open()
      const first = await open({ filters: ['contract/#'] }, durable)
      await first.transport.drain()
      await other.publish('contract/x', 'while draining')
      await first.transport.close()
      assert.deepEqual(first.session.texts, [])
      const { session } = await open({ filters: ['contract/#'] }, durable)
      await session.until(({ messages }) => messages.length > 0)
      assert.deepEqual(session.texts, ['while draining'])
    },
  },
  {
    name: 'acknowledges what was settled before it is closed',
    exempt: need('ackControl'),
    async run({ open }) {
      const held = heldReceive()
      const other = await open()
      const first = await open({ filters: ['contract/#'], receive: held.receive }, durable)
      await other.publish('contract/x', 'settled')
      await first.session.until(({ messages }) => messages.length === 1)
      held.settleAll('ack')
      await first.transport.close()
      const { session } = await open({ filters: ['contract/#'] }, durable)
      await other.publish('contract/x', 'end')
      await session.until(({ texts }) => texts.includes('end'))
      assert.deepEqual(session.texts, ['end'])
    },
  },
  {
    name: 'delivers again what was left, and not what was acknowledged',
    exempt: need('ackControl'),
    async run({ open }) {
      const { session } = await leaveOneOfThree(open)
      assert.deepEqual(session.texts, ['leave', 'end'])
    },
  },
  {
    name: 'marks as duplicate what it delivers again',
    exempt: need('ackControl'),
    async run({ open }) {
      const { session } = await leaveOneOfThree(open)
      assert.deepEqual(
        session.messages.map(({ duplicate }) => duplicate),
        [true, false],
      )
    },
  },
  ...([1, 2] as const).flatMap((qos): readonly ContractCase<TransportStage>[] => [
    {
      name: `hands on once a message of QoS ${qos} that is being handled while the connection is lost and comes back`,
      exempt: need('ackControl', `qos${qos}`, 'disconnect'),
      async run({ open, disconnect, reconnect }) {
        const held = heldReceive()
        const other = await open()
        const player = await open({ receive: held.receive }, durable)
        await player.transport.subscribe([{ filter: 'contract/#', qos }])
        await other.publish('contract/x', 'one', { qos })
        await player.session.until(({ messages }) => messages.length === 1)
        await disconnect(player)
        await reconnect(player)
        held.settleAll('ack')
        await other.publish('contract/x', 'two', { qos })
        await player.session.until(({ messages }) => messages.length > 1)
        assert.deepEqual(player.session.texts, ['one', 'two'])
      },
    },
    {
      name: `hands on once a message of QoS ${qos} that was handled while the connection was lost`,
      exempt: need('ackControl', `qos${qos}`, 'disconnect'),
      async run({ open, disconnect, reconnect }) {
        const held = heldReceive()
        const other = await open()
        const player = await open({ receive: (message) => (toText(message.payload) === 'one' ? held.receive() : 'ack') }, durable)
        await player.transport.subscribe([{ filter: 'contract/#', qos }])
        await other.publish('contract/x', 'one', { qos })
        await player.session.until(({ messages }) => messages.length === 1)
        await disconnect(player)
        held.settleAll('ack')
        await reconnect(player)
        await other.publish('contract/x', 'two', { qos })
        await player.session.until(({ messages }) => messages.length > 1)
        assert.deepEqual(player.session.texts, ['one', 'two'])
        await player.transport.close()
        // What was acknowledged is over, also for those who come later.
        const { session } = await open({ filters: ['end'] }, durable)
        await other.publish('end')
        await session.until(({ topics }) => topics.includes('end'))
        assert.deepEqual(session.topics, ['end'])
      },
    },
  ]),
]

/** Acknowledges the first of three messages, leaves the second, and takes up the session again. */
async function leaveOneOfThree(open: TransportStage['open']) {
  const other = await open()
  const first = await open({ filters: ['contract/#'], receive: ({ payload }) => (toText(payload) === 'leave' ? 'leave' : 'ack') }, durable)
  for (const text of ['ack', 'leave', 'ack']) await other.publish('contract/x', text)
  await first.session.until(({ messages }) => messages.length === 3)
  await first.transport.close()
  const second = await open({ filters: ['contract/#'] }, durable)
  await second.session.until(({ messages }) => messages.length > 0)
  await other.publish('contract/x', 'end')
  await second.session.until(({ texts }) => texts.includes('end'))
  return second
}

/** A `receive` that waits to be told. */
function heldReceive() {
  let waiting: ((disposition: Disposition) => void)[] = []
  return {
    receive: () => new Promise<Disposition>((resolve) => waiting.push(resolve)),
    settleAll(disposition: Disposition) {
      for (const settle of waiting) settle(disposition)
      waiting = []
    },
  }
}
