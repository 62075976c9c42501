import { createSocket, type Socket } from 'node:dgram'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { isIPv6, type AddressInfo } from 'node:net'
import {
  json,
  messageOf,
  topicMatches,
  type Subscription,
  type Transport,
  type TransportHealth,
  type TransportSession,
} from '@butlerkit/core'
import { SenseEventsError } from './errors.js'
import { createSourceList } from './source-list.js'
import { parseTaskEvent, type TaskEvent } from './task-event.js'
import { topicNameOf } from './topics.js'
import { unparsed, type UnparsedEvent } from './unparsed-event.js'
import { parseUserEvent, type UserEvent } from './user-event.js'

/** Where one kind of event is received. */
export interface EventsEndpoint {
  /** UDP port, 0 for any free one: see {@link SenseEventsTransport.addresses}. Butler's are 9998 for tasks and 9997 for users. */
  readonly port: number
  /** Address of the interface to receive on. Sense on other machines needs another, and {@link SenseEventsOptions.allowFrom}. @defaultValue '127.0.0.1' */
  readonly host?: string
}

/** What to receive and from whom. */
export interface SenseEventsOptions {
  /** Ends of tasks, from the scheduler's appender. @defaultValue not received */
  readonly tasks?: EventsEndpoint
  /** Sessions and connections of users, from the proxy's appender. @defaultValue not received */
  readonly users?: EventsEndpoint
  /** IP addresses and subnets that may send; whoever else does is not heard. A list of none is nobody. @defaultValue this machine, `['127.0.0.0/8', '::1']` */
  readonly allowFrom?: readonly string[]
  /** Names the transport; unique within a butler. @defaultValue 'sense-events' */
  readonly name?: string
  /** Longer datagrams are dropped, 1 to 65_507. @defaultValue 16_384 */
  readonly maxDatagramBytes?: number
  /** Messages that the butler has not settled yet; with that many, further ones are dropped. At least 1. @defaultValue 1_000 */
  readonly maxQueued?: number
}

/** How many datagrams came, and what became of those that were not delivered as events. */
export interface SenseEventsCounters {
  readonly received: number
  /** Could not be read: delivered on `sense/unparsed`, and logged. */
  readonly unparsed: number
  /** Sent by somebody who is not on the list. */
  readonly droppedSource: number
  /** Longer than allowed. */
  readonly droppedSize: number
  /** Came while too many were waiting. */
  readonly droppedQueue: number
}

/** Receives log events of Qlik Sense over UDP. */
export interface SenseEventsTransport extends Transport {
  /** Where it really listens; empty while it does not. */
  addresses(): { readonly tasks?: AddressInfo; readonly users?: AddressInfo }
  /** Since it was made. */
  counters(): SenseEventsCounters
}

type Parse = (text: string) => TaskEvent | UserEvent | UnparsedEvent

const defaults = { name: 'sense-events', allowFrom: ['127.0.0.0/8', '::1'], maxDatagramBytes: 16_384, maxQueued: 1_000 } as const
const sources = { tasks: parseTaskEvent, users: parseUserEvent } as const satisfies Record<string, Parse>

// Fatal, so that bytes that are not UTF-8 are told, not silently replaced.
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Receives the datagrams that Sense's log4net appenders send for Butler and Butler SOS, as JSON messages on `sense/task/…`, `sense/user/…`
 * and, for what cannot be read, `sense/unparsed`. It only receives.
 *
 * UDP proves nothing about its sender: a datagram may say that something happened, but should never be what allows an action.
 *
 * @throws {@link SenseEventsError} `SENSE_EVENTS_OPTION`; and from `open`, `SENSE_EVENTS_BIND` when a port cannot be had
 */
export function senseEvents(options: SenseEventsOptions): SenseEventsTransport {
  const { name, allowFrom, maxDatagramBytes, maxQueued } = { ...defaults, ...options }
  checkRange('maxDatagramBytes', maxDatagramBytes, 1, 65_507)
  checkRange('maxQueued', maxQueued, 1, Number.MAX_SAFE_INTEGER)
  const kinds = (['tasks', 'users'] as const).filter((kind) => options[kind] !== undefined)
  if (kinds.length === 0) throw new SenseEventsError('SENSE_EVENTS_OPTION', 'give tasks, users or both')
  for (const kind of kinds) checkRange(`${kind}.port`, options[kind]?.port ?? 0, 0, 65_535)
  const sourceList = createSourceList(allowFrom)

  const sockets = new Map<'tasks' | 'users', Socket>()
  const counters = { received: 0, unparsed: 0, droppedSource: 0, droppedSize: 0, droppedQueue: 0 }
  let health: TransportHealth = { state: 'idle', since: new Date() }
  let session: TransportSession | undefined
  let subscriptions: readonly Subscription[] = []
  let queued = 0

  return {
    name,
    clientId: `${name}-${randomUUID()}`,
    capabilities: { publish: false, qos: 0, retain: false, reply: false, userProperties: false, ackControl: false },
    async open(opened, { signal } = {}) {
      signal?.throwIfAborted()
      session = opened
      subscriptions = opened.subscriptions
      change('connecting')
      try {
        for (const kind of kinds) await bind(kind)
        signal?.throwIfAborted()
      } catch (error) {
        closeSockets()
        change('failed', messageOf(error))
        throw error
      }
      change('connected')
    },
    subscribe(wanted) {
      subscriptions = wanted
      return Promise.resolve()
    },
    publish: () => Promise.reject(new SenseEventsError('SENSE_EVENTS_READ_ONLY', `${name} only receives`)),
    drain() {
      closeSockets()
      change('draining')
      return Promise.resolve()
    },
    close() {
      closeSockets()
      change('closed')
      return Promise.resolve()
    },
    health: () => health,
    addresses: () => Object.fromEntries([...sockets].map(([kind, socket]) => [kind, socket.address()])),
    counters: () => ({ ...counters }),
  }

  async function bind(kind: 'tasks' | 'users'): Promise<void> {
    const { port, host = '127.0.0.1' } = options[kind] ?? { port: 0 }
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', reuseAddr: false })
    try {
      // In a cluster every worker would share the port, and receive a part.
      socket.bind({ port, address: host, exclusive: true })
      await once(socket, 'listening')
    } catch (cause) {
      socket.close()
      throw new SenseEventsError('SENSE_EVENTS_BIND', `cannot receive ${kind} on ${host}:${port}: ${messageOf(cause)}`, { cause })
    }
    sockets.set(kind, socket)
    socket.on('message', (datagram, { address }) => receive(sources[kind], datagram, address))
    socket.on('error', (error) => {
      closeSockets()
      change('failed', messageOf(error))
    })
  }

  function receive(parse: Parse, datagram: Buffer, address: string): void {
    counters.received++
    if (!sourceList.allows(address)) return drop('droppedSource', `from ${address}, which is not in allowFrom`)
    if (datagram.length > maxDatagramBytes) return drop('droppedSize', `of ${datagram.length} bytes`)
    if (queued >= maxQueued) return drop('droppedQueue', `as ${queued} are waiting`)
    const event = read(parse, datagram)
    if (event.kind === 'unparsed') {
      counters.unparsed++
      session?.logger.warn('event could not be read', { reason: event.reason, address, bytes: datagram.length })
    }
    const topic = topicNameOf(event)
    if (subscriptions.some(({ filter }) => topicMatches(filter, topic))) void deliver(topic, event)
  }

  async function deliver(topic: string, event: TaskEvent | UserEvent | UnparsedEvent): Promise<void> {
    queued++
    try {
      const payload = json.encode(event)
      const properties = { contentType: json.contentType }
      await session?.receive({ topic, payload, qos: 0, retain: false, duplicate: false, properties })
    } finally {
      queued--
    }
  }

  /** Told once for each reason, then only counted: whoever floods us must not flood the log too. */
  function drop(counter: 'droppedSource' | 'droppedSize' | 'droppedQueue', why: string): void {
    if (counters[counter]++ === 0) session?.logger.warn(`event dropped, ${why}; further ones are only counted`, { counter })
  }

  function closeSockets(): void {
    for (const socket of sockets.values()) socket.close()
    sockets.clear()
  }

  function change(state: TransportHealth['state'], reason?: string): void {
    if (state === health.state) return
    health = { state, since: new Date(), ...(reason !== undefined && { reason }) }
    session?.changed(health)
  }
}

function read(parse: Parse, datagram: Buffer): TaskEvent | UserEvent | UnparsedEvent {
  try {
    return parse(utf8.decode(datagram))
  } catch {
    return unparsed(datagram.toString('latin1'), 'not UTF-8; the text is read as Latin-1')
  }
}

function checkRange(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new SenseEventsError('SENSE_EVENTS_OPTION', `${name} must be a whole number from ${min} to ${max}, got ${value}`)
}
