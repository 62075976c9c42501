import assert from 'node:assert/strict'
import type { ContractCase } from '../contract.js'
import { isButlerError } from '../is-butler-error.js'
import { recordSession, toBytes } from '../recording-session.js'
import { need } from './needs.js'
import type { TransportStage } from './stage.js'

const message = { topic: 'contract/x', payload: toBytes('x'), qos: 0, retain: false } as const

/** Opening, closing, and what a transport says of itself. */
export const lifecycleCases: readonly ContractCase<TransportStage>[] = [
  {
    name: 'has a name and a client identifier, and is idle until it is opened',
    async run({ make }) {
      const transport = await make()
      assert.notEqual(transport.name, '')
      assert.notEqual(transport.clientId, '')
      assert.equal(transport.health().state, 'idle')
    },
  },
  {
    name: 'tells of every change of its health',
    async run({ open }) {
      const { transport, session } = await open()
      assert.equal(session.healths.at(-1)?.state, 'connected')
      assert.deepEqual(session.healths.at(-1), transport.health())
      await transport.drain()
      assert.deepEqual(session.healths.at(-1), transport.health())
      await transport.close()
      assert.deepEqual(session.healths.at(-1), transport.health())
      const states = session.healths.map(({ state }) => state).filter((state) => state !== 'connecting')
      assert.deepEqual(states, ['connected', 'draining', 'closed'])
      for (const { since } of session.healths) assert.ok(since instanceof Date)
    },
  },
  {
    name: 'may be drained and closed twice',
    async run({ open }) {
      const { transport } = await open()
      await Promise.all([transport.drain(), transport.drain()])
      await Promise.all([transport.close(), transport.close()])
      await transport.close()
      assert.equal(transport.health().state, 'closed')
    },
  },
  {
    name: 'may be drained and closed without having been opened',
    async run({ make }) {
      const transport = await make()
      await transport.drain()
      await transport.close()
      assert.equal(transport.health().state, 'closed')
    },
  },
  {
    name: 'does not open once it is closed',
    async run({ make }) {
      const transport = await make()
      await transport.close()
      await assert.rejects(transport.open(recordSession()), isButlerError)
    },
  },
  {
    name: 'does not open with a signal that has aborted',
    async run({ make }) {
      const transport = await make()
      const reason = new Error('changed my mind')
      await assert.rejects(transport.open(recordSession(), { signal: AbortSignal.abort(reason) }), (error) => error === reason)
      assert.notEqual(transport.health().state, 'connected')
    },
  },
  {
    name: 'publishes nothing before it is opened, and nothing after it is closed',
    async run({ open, make }) {
      const idle = await make()
      await assert.rejects(idle.publish(message), isButlerError)
      const { transport } = await open()
      await transport.close()
      await assert.rejects(transport.publish(message), isButlerError)
    },
  },
  {
    name: 'publishes nothing with a signal that has aborted',
    exempt: need('publish'),
    async run({ open }) {
      const { transport, session, publish } = await open({ filters: ['contract/#'] })
      const reason = new Error('changed my mind')
      await assert.rejects(transport.publish(message, { signal: AbortSignal.abort(reason) }), (error) => error === reason)
      await publish('contract/after')
      await session.until(({ messages }) => messages.length > 0)
      assert.deepEqual(session.topics, ['contract/after'])
    },
  },
]
