import { describe, expect, it } from 'vitest'
import { toText, type RecordingOptions } from '../testing/recording-session.js'
import type { MemoryTransportOptions } from './memory-client.js'
import { connect, durable, hold, message, publishAll, status, turn } from './memory-fixtures.js'
import { createMemoryBroker, type MemoryBrokerOptions } from './memory-transport.js'
import type { Disposition } from './transport.js'

describe('a session', () => {
  it.each([1, 2] as const)(
    'delivers again, in the old order and marked DUP, what a crash left at QoS %i [MQTT-3.3.1-1] [MQTT-4.6.0-1]',
    async (qos) => {
      const broker = createMemoryBroker()
      const held = hold()
      const crashed = await connect(broker, ['x'], { ...durable, receiveMaximum: 2 }, held)
      await publishAll(broker, ['1', '2', '3'], { qos })
      expect(crashed.session.texts).toEqual(['1', '2'])
      broker.crash('a')
      await held.settle('1', 'ack')
      const { session } = await connect(broker, ['x'], durable)
      await broker.settled()
      expect(session.messages.map(({ payload, duplicate }) => [toText(payload), duplicate])).toEqual([
        ['1', true],
        ['2', true],
        ['3', false],
      ])
    },
  )

  it('delivers before it is asked to subscribe: its subscriptions are kept [MQTT-3.1.2-5]', async () => {
    const broker = createMemoryBroker()
    const first = await connect(broker, ['x'], durable)
    await first.transport.close()
    await broker.publish(message('x', 'queued'))
    const { session } = await connect(broker, [], durable)
    await broker.settled()
    expect(session.texts).toEqual(['queued'])
  })

  it('is gone with the connection of a client that is not durable [MQTT-4.1.0-2]', async () => {
    const broker = createMemoryBroker()
    const first = await connect(broker, ['x'], { clientId: 'a' }, { receive: () => 'leave' })
    await publishAll(broker, ['left'])
    await first.transport.close()
    await publishAll(broker, ['missed'])
    const { session } = await connect(broker, ['x'], durable)
    await broker.settled()
    expect(session.texts).toEqual([])
  })

  it('is thrown away by a client of its name that wants none [MQTT-3.1.2-4]', async () => {
    const broker = createMemoryBroker()
    const first = await connect(broker, ['x'], durable)
    await first.transport.close()
    const clean = await connect(broker, [], { clientId: 'a' })
    await clean.transport.close()
    await broker.publish(message('x'))
    const { session } = await connect(broker, ['x'], durable)
    await broker.settled()
    expect(session.messages).toEqual([])
  })

  it('is taken over by the next client of its name, and the one before is cut off [MQTT-3.1.4-3]', async () => {
    const broker = createMemoryBroker()
    const first = await connect(broker, ['x'], durable, { status, receive: () => 'leave' })
    const witness = await connect(broker, ['status'], { clientId: 'witness' })
    await publishAll(broker, ['left'])
    const { session } = await connect(broker, ['x'], durable)
    await broker.settled()
    expect(first.transport.health()).toMatchObject({ state: 'reconnecting', reason: expect.stringContaining('taken over') })
    expect(witness.session.texts).toEqual(['online', 'offline'])
    expect(session.messages.map(({ payload, duplicate }) => [toText(payload), duplicate])).toEqual([['left', true]])
  })

  it('acknowledges in the order of arrival: what waits behind an open message is not over [MQTT-4.6.0-2]', async () => {
    const broker = createMemoryBroker()
    const held = hold()
    await connect(broker, ['x'], durable, held)
    await publishAll(broker, ['1', '2', '3'])
    await held.settle('1', 'ack')
    await held.settle('3', 'ack')
    broker.crash('a')
    const { session } = await connect(broker, ['x'], durable)
    await broker.settled()
    expect(session.texts).toEqual(['2', '3'])
  })

  it('passes over what was left, and keeps it for the next connection', async () => {
    const broker = createMemoryBroker()
    const held = hold()
    const first = await connect(broker, ['x'], durable, held)
    await publishAll(broker, ['1', '2'])
    await held.settle('1', 'leave')
    await held.settle('2', 'ack')
    await first.transport.close()
    const { session } = await connect(broker, ['x'], durable)
    await broker.settled()
    expect(session.texts).toEqual(['1'])
  })

  it('hands on again after a lost connection what was left before it', async () => {
    const broker = createMemoryBroker()
    const answers: Disposition[] = ['leave', 'ack']
    const { session } = await connect(broker, ['x'], durable, { receive: () => answers.shift() ?? 'ack' })
    await publishAll(broker, ['1'])
    broker.disconnect('a')
    broker.reconnect('a')
    await broker.settled()
    expect(session.messages.map(({ duplicate }) => duplicate)).toEqual([false, true])
  })
})

describe('the receive window', () => {
  it('holds back what is beyond it until something is acknowledged [MQTT-3.3.4-9]', async () => {
    const broker = createMemoryBroker()
    const held = hold()
    const { session } = await connect(broker, ['x'], { receiveMaximum: 2 }, held)
    await publishAll(broker, ['1', '2', '3', '4'])
    expect(session.texts).toEqual(['1', '2'])
    await held.settle('1', 'ack')
    expect(session.texts).toEqual(['1', '2', '3'])
    await held.settle('2', 'leave')
    await held.settle('3', 'ack')
    expect(session.texts).toEqual(['1', '2', '3', '4'])
  })

  it('does not count QoS 0', async () => {
    const broker = createMemoryBroker()
    const { session } = await connect(broker, ['x'], { receiveMaximum: 1 }, hold())
    await publishAll(broker, ['1', '2', '3'], { qos: 0 })
    expect(session.texts).toEqual(['1', '2', '3'])
  })
})

describe('a shared subscription', () => {
  async function pair(
    options: MemoryBrokerOptions = {},
    receive: RecordingOptions['receive'] = () => 'ack',
    more: MemoryTransportOptions = {},
  ) {
    const broker = createMemoryBroker(options)
    const one = await connect(broker, ['$share/g/x'], { clientId: 'one', ...more }, { receive })
    const two = await connect(broker, ['$share/g/x'], { clientId: 'two' })
    return { broker, one, two }
  }

  it('spreads messages over its members, each to one', async () => {
    const { broker, one, two } = await pair()
    const other = await connect(broker, ['$share/other/x'], { clientId: 'other' })
    await publishAll(broker, ['1', '2', '3', '4'])
    expect([one, two, other].map(({ session }) => session.texts)).toEqual([
      ['1', '3'],
      ['2', '4'],
      ['1', '2', '3', '4'],
    ])
  })

  it('respects the quality of service of each member [MQTT-4.8.2-3]', async () => {
    const broker = createMemoryBroker()
    const one = await connect(broker, [['$share/g/x', 0]], { clientId: 'one' })
    const two = await connect(broker, [['$share/g/x', 1]], { clientId: 'two' })
    await publishAll(broker, ['1', '2'])
    expect([one, two].map(({ session }) => session.messages.map(({ qos }) => qos))).toEqual([[0], [1]])
  })

  it('stands beside a subscription of one’s own: both deliver', async () => {
    const broker = createMemoryBroker()
    const { session } = await connect(broker, ['x', '$share/g/x'])
    await publishAll(broker, ['1'])
    expect(session.texts).toEqual(['1', '1'])
  })

  it.each([
    ['crash', {}],
    ['crash', { durable: true }],
    ['disconnect', { durable: true }],
  ] as const)('hands what a member had not acknowledged to another after a %s, %o', async (fault, options) => {
    const { broker, two } = await pair({}, () => new Promise(() => {}), options)
    await publishAll(broker, ['1', '2', '3'])
    broker[fault]('one')
    await turn()
    expect(two.session.messages.map(({ payload, duplicate }) => [toText(payload), duplicate])).toEqual([
      ['2', false],
      ['1', false],
      ['3', false],
    ])
  })

  it('finishes QoS 2 with the member it began with [MQTT-4.8.2-4], and with nobody else [MQTT-4.8.2-5]', async () => {
    const { broker, two } = await pair({}, () => new Promise(() => {}), { durable: true, receiveMaximum: 1 })
    await publishAll(broker, ['1', '2', '3'], { qos: 2 })
    broker.crash('one')
    await turn()
    expect(two.session.texts).toEqual(['2', '3'])
    const again = await connect(broker, [], { clientId: 'one', durable: true })
    await turn()
    expect(again.session.texts).toEqual(['1'])
  })

  it('keeps messages for a durable member when all are away', async () => {
    const { broker, one, two } = await pair({}, () => 'ack', { durable: true })
    await Promise.all([one, two].map(({ transport }) => transport.close()))
    await publishAll(broker, ['1', '2'])
    const again = await connect(broker, [], { clientId: 'one', durable: true })
    await turn()
    expect(again.session.texts).toEqual(['1', '2'])
  })
})
