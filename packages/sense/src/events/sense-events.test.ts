import { createSocket } from 'node:dgram'
import {
  silent,
  type InboundMessage,
  type LogFields,
  type Subscription,
  type TransportHealth,
  type TransportSession,
} from '@butlerkit/core'
import { describe, expect, it } from 'vitest'
import { senseEvents, type SenseEventsOptions, type SenseEventsTransport } from './sense-events.js'
import {
  taskAborted,
  taskDistributed,
  taskFailed,
  taskSucceeded,
  unparsedEvent,
  userConnectionClosed,
  userSessionStarted,
} from './topics.js'

const taskId = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'
const tail = `${taskId};;2026-01-15 10:30:00,123;WARN;;Max retries reached`
const failed = String.raw`/scheduler-task-failed/;QSRV1;Reload;Sales;LAB\svc;` + tail
const anyPort = { tasks: { port: 0 }, users: { port: 0 } } as const
const idleSession: TransportSession = { subscriptions: [], logger: silent, changed: () => {}, receive: () => 'ack' }
const everything = [{ filter: 'sense/#', qos: 0 }] as const

describe('senseEvents', () => {
  it.each([
    ['tasks', failed, taskFailed],
    ['tasks', failed.replace('failed', 'aborted'), taskAborted],
    ['tasks', failed.replace('failed', 'success/'), taskSucceeded],
    ['tasks', failed.replace('task-failed', 'distribute'), taskDistributed],
    ['tasks', 'nonsense', unparsedEvent],
    ['users', '/qseow-proxy-session/;QSRV1;Start session;LAB;anna;Hub;/hub/;hello', userSessionStarted],
    ['users', '/qseow-proxy-connection/;QSRV1;Close connection;LAB;anna;Hub;/hub/;hello', userConnectionClosed],
  ] as const)('hands %s datagram %j on as its contract says', async (kind, datagram, contract) => {
    await using t = await open(anyPort)
    await t.send(kind, datagram)
    const message = await t.next()
    expect(message).toMatchObject({ qos: 0, retain: false, duplicate: false, properties: { contentType: 'application/json' } })
    expect(contract.match(message.topic)).toBeDefined()
    const payload = JSON.parse(Buffer.from(message.payload).toString())
    expect(contract.definition.payload?.['~standard'].validate(payload)).toEqual({ value: payload })
  })

  it('writes user names so that they stay one level, and can be told apart', async () => {
    await using t = await open(anyPort)
    for (const user of ['a/b', 'a+b', 'a#b', 'a%2Fb']) await t.send('users', `/qseow-proxy-session/;h;Stop session;L/A;${user};Hub;/hub/;x`)
    const topics = new Set([(await t.next()).topic, (await t.next()).topic, (await t.next()).topic, (await t.next()).topic])
    expect(topics).toEqual(new Set(['a%2Fb', 'a%2Bb', 'a%23b', 'a%252Fb'].map((user) => `sense/user/L%2FA/${user}/session-stop`)))
  })

  it('tells what it cannot read, without its text in the log', async () => {
    await using t = await open(anyPort)
    await t.send('tasks', Buffer.from([...Buffer.from('canary '), 0xe9]))
    expect(JSON.parse(Buffer.from((await t.next()).payload).toString())).toMatchObject({
      reason: expect.stringMatching(/UTF-8/),
      raw: 'canary é',
    })
    expect(t.transport.counters()).toMatchObject({ received: 1, unparsed: 1 })
    expect(t.log).toEqual([['event could not be read', expect.not.objectContaining({ raw: expect.anything() })]])
  })

  it('delivers what is subscribed to, and nothing else', async () => {
    await using t = await open(anyPort, [{ filter: taskFailed.filter, qos: 0 }])
    await t.send('tasks', failed.replace('failed', 'aborted'))
    await t.send('tasks', failed)
    expect((await t.next()).topic).toBe(`sense/task/${taskId}/failed`)
    await t.transport.subscribe([{ filter: '+/task/+/aborted', qos: 0 }])
    await t.send('tasks', failed)
    await t.send('tasks', failed.replace('failed', 'aborted'))
    expect((await t.next()).topic).toBe(`sense/task/${taskId}/aborted`)
  })

  it('does not hear who is not on the list, and says so once', async () => {
    await using t = await open({ ...anyPort, allowFrom: [] })
    await t.send('tasks', failed)
    await t.send('tasks', failed)
    await t.until(() => t.transport.counters().droppedSource === 2)
    expect(t.log).toHaveLength(1)
    expect(t.received).toBe(0)
  })

  it('drops what is too long', async () => {
    await using t = await open({ ...anyPort, maxDatagramBytes: failed.length })
    await t.send('tasks', `${failed}!`)
    await t.send('tasks', failed)
    await t.next()
    expect(t.transport.counters()).toMatchObject({ received: 2, droppedSize: 1 })
  })

  it('drops what is more than it may keep waiting, and goes on when that is settled', async () => {
    const settle: (() => void)[] = []
    await using t = await open({ ...anyPort, maxQueued: 2 }, everything, () => new Promise((resolve) => settle.push(() => resolve('ack'))))
    for (let index = 0; index < 3; index++) await t.send('tasks', failed)
    await t.until(() => t.transport.counters().received === 3)
    expect(t.transport.counters().droppedQueue).toBe(1)
    for (const each of settle) each()
    await t.send('tasks', failed)
    await t.until(() => t.received === 3)
  })

  it('only receives', async () => {
    await using t = await open(anyPort)
    expect(t.transport.capabilities.publish).toBe(false)
    const message = { topic: 'a', payload: new Uint8Array(), qos: 0, retain: false } as const
    await expect(t.transport.publish(message)).rejects.toMatchObject({ code: 'SENSE_EVENTS_READ_ONLY' })
  })

  it('says how it is, and where it listens', async () => {
    await using t = await open({ tasks: { port: 0 } })
    expect(t.transport.addresses()).toEqual({ tasks: { address: '127.0.0.1', family: 'IPv4', port: expect.any(Number) } })
    await t.transport.drain()
    await t.transport.close()
    await t.transport.close()
    expect(t.transport.addresses()).toEqual({})
    expect(t.states).toEqual(['connecting', 'connected', 'draining', 'closed'])
  })

  it('fails to open a port that is taken, and holds none then', async () => {
    await using taken = await open({ users: { port: 0 } })
    const port = taken.transport.addresses().users?.port ?? 0
    const transport = senseEvents({ tasks: { port: 0 }, users: { port } })
    await expect(transport.open(idleSession)).rejects.toMatchObject({
      code: 'SENSE_EVENTS_BIND',
      message: expect.stringContaining(`:${port}`),
    })
    expect(transport.health()).toMatchObject({ state: 'failed', reason: expect.stringContaining('EADDRINUSE') })
    expect(transport.addresses()).toEqual({})
  })

  it('does not open for a signal that has been aborted', async () => {
    const transport = senseEvents(anyPort)
    await expect(transport.open(idleSession, { signal: AbortSignal.abort('mine') })).rejects.toBe('mine')
    expect(transport.health().state).toBe('idle')
    await transport.close()
  })

  it.each<[SenseEventsOptions, RegExp]>([
    [{}, /tasks, users or both/],
    [{ tasks: { port: 70_000 } }, /tasks\.port/],
    [{ users: { port: -1 } }, /users\.port/],
    [{ ...anyPort, maxDatagramBytes: 65_508 }, /maxDatagramBytes/],
    [{ ...anyPort, maxQueued: 0 }, /maxQueued/],
    [{ ...anyPort, allowFrom: ['sense1'] }, /allowFrom/],
  ])('refuses %j, naming what is wrong', (options, message) => {
    expect(() => senseEvents(options)).toThrow(expect.objectContaining({ code: 'SENSE_EVENTS_OPTION' }))
    expect(() => senseEvents(options)).toThrow(message)
  })
})

/** Opens a transport, and a socket to send to it with. */
async function open(
  options: SenseEventsOptions,
  subscriptions: readonly Subscription[] = everything,
  settle: () => 'ack' | Promise<'ack'> = () => 'ack',
) {
  const transport: SenseEventsTransport = senseEvents(options)
  const socket = createSocket('udp4')
  const messages: InboundMessage[] = []
  const log: [string, LogFields | undefined][] = []
  const states: TransportHealth['state'][] = []
  let received = 0
  await transport.open({
    subscriptions,
    logger: { ...silent, warn: (message, fields) => void log.push([message, fields]) },
    changed: ({ state }) => void states.push(state),
    receive(message) {
      received++
      messages.push(message)
      return settle()
    },
  })
  // The counters tell nobody that they change, so they are looked at every turn.
  const until = async (ready: () => boolean) => {
    while (!ready()) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    transport,
    log,
    states,
    until,
    get received() {
      return received
    },
    send: (kind: 'tasks' | 'users', datagram: string | Uint8Array) =>
      new Promise<void>((resolve, reject) => {
        const { port, address } = transport.addresses()[kind] ?? { port: 0, address: '' }
        socket.send(datagram, port, address, (error) => (error ? reject(error) : resolve()))
      }),
    async next(): Promise<InboundMessage> {
      await until(() => messages.length > 0)
      return messages.shift() as InboundMessage
    },
    async [Symbol.asyncDispose]() {
      await transport.close()
      await new Promise<void>((resolve) => socket.close(() => resolve()))
    },
  }
}
