import assert from 'node:assert/strict'
import type { ContractCase } from '../contract.js'
import { toBytes } from '../recording-session.js'
import { isButlerError } from '../is-butler-error.js'
import { need } from './needs.js'
import type { TransportStage } from './stage.js'

const status = {
  topic: 'contract/status',
  online: toBytes('online'),
  draining: toBytes('draining'),
  offline: toBytes('offline'),
}

/** What others learn of it, and what becomes of it when the connection is lost. */
export const statusCases: readonly ContractCase<TransportStage>[] = [
  {
    name: 'says online, draining and offline, in this order',
    exempt: need('publish'),
    async run({ open }) {
      const { session } = await open({ filters: [status.topic] })
      const { transport } = await open({ status })
      await session.until(({ texts }) => texts.includes('online'))
      await transport.drain()
      await session.until(({ texts }) => texts.includes('draining'))
      await transport.close()
      await session.until(({ texts }) => texts.includes('offline'))
      assert.deepEqual(session.texts, ['online', 'draining', 'offline'])
    },
  },
  {
    name: 'leaves its status retained',
    exempt: need('retain'),
    async run({ open }) {
      const { transport } = await open({ status })
      const early = await open({ filters: [status.topic] })
      await early.session.until(({ messages }) => messages.length === 1)
      await transport.close()
      const late = await open({ filters: [status.topic] })
      await late.session.until(({ messages }) => messages.length === 1)
      for (const [{ session }, text] of [
        [early, 'online'],
        [late, 'offline'],
      ] as const) {
        assert.deepEqual([session.texts[0], session.messages[0]?.retain], [text, true])
      }
    },
  },
  {
    name: 'leaves offline as its will, and says online again once it is back',
    exempt: need('publish', 'disconnect'),
    async run({ open, disconnect, reconnect }) {
      const { session } = await open({ filters: [status.topic] })
      const player = await open({ status })
      await session.until(({ texts }) => texts.includes('online'))
      await disconnect(player)
      await session.until(({ texts }) => texts.includes('offline'))
      await reconnect(player)
      await session.until(({ texts }) => texts.at(-1) === 'online')
      assert.deepEqual(session.texts, ['online', 'offline', 'online'])
    },
  },
  {
    name: 'tells that the connection is lost, and why, and comes back with its subscriptions, each once',
    exempt: need('publish', 'disconnect'),
    async run({ open, disconnect, reconnect }) {
      const player = await open({ filters: ['contract/#'] })
      const other = await open()
      await disconnect(player)
      await reconnect(player)
      await other.publish('contract/x', 'once')
      await other.publish('contract/x', 'end')
      await player.session.until(({ texts }) => texts.includes('end'))
      assert.deepEqual(player.session.texts, ['once', 'end'])
      const { healths } = player.session
      assert.deepEqual(
        healths.filter(({ state }) => state !== 'connecting').map(({ state }) => state),
        ['connected', 'reconnecting', 'connected'],
      )
      assert.ok(healths.find(({ state }) => state === 'reconnecting')?.reason)
      assert.equal(healths.at(-1)?.reason, undefined)
    },
  },
  {
    name: 'takes up a change of subscriptions made while the connection was lost',
    exempt: need('publish', 'disconnect'),
    async run({ open, disconnect, reconnect, subscription }) {
      const player = await open({ filters: ['contract/old'] })
      const other = await open()
      await disconnect(player)
      await player.transport.subscribe(['contract/new'].map(subscription))
      await reconnect(player)
      await other.publish('contract/old')
      await other.publish('contract/new')
      await player.session.until(({ topics }) => topics.includes('contract/new'))
      assert.deepEqual(player.session.topics, ['contract/new'])
    },
  },
  {
    name: 'loses nothing in silence that is published while the connection is lost',
    exempt: need('qos1', 'disconnect'),
    async run({ open, disconnect, reconnect }) {
      const { session, publish } = await open({ filters: ['contract/#'] })
      const player = await open()
      await disconnect(player)
      const sent = Promise.allSettled(['1', '2', '3'].map((text) => player.publish('contract/x', text, { qos: 1 })))
      await reconnect(player)
      const results = await sent
      await publish('contract/x', 'end')
      await session.until(({ texts }) => texts.includes('end'))
      for (const [index, result] of results.entries()) {
        if (result.status === 'fulfilled') assert.ok(session.texts.includes(`${index + 1}`))
        else isButlerError(result.reason)
      }
    },
  },
  {
    name: 'closes while the connection is lost',
    exempt: need('publish', 'disconnect'),
    async run({ open, disconnect }) {
      const player = await open()
      await disconnect(player)
      await player.transport.close()
      assert.equal(player.transport.health().state, 'closed')
      await assert.rejects(player.publish('contract/x'), isButlerError)
    },
  },
]
