import { isTopicFilter, type QoS, type Subscription } from '@butlerkit/core'
import type { IClientSubscribeOptions, MqttClient } from 'mqtt'
import { MqttError, type RefusedFilter } from './errors.js'
import { holdsUnwanted, show } from './limits.js'
import type { MqttSubscriptionOptions } from './options.js'

/** The set of topic filters this client subscribes to, and what the broker has of it. */
export interface Subscriptions {
  /**
   * Makes this the wanted set. Takes effect with {@link Subscriptions.apply}.
   *
   * @throws {@link MqttError} `MQTT_TOPIC_INVALID`
   */
  want(subscriptions: readonly Subscription[]): void
  /** A connection stands; without a kept session the broker knows none of our filters. `identifiers`: whether it takes those of MQTT 5. */
  connected(sessionPresent: boolean, identifiers: boolean): void
  /**
   * Tells the broker what has changed: one SUBSCRIBE, one UNSUBSCRIBE. Calls follow one another.
   *
   * @throws {@link MqttError} `MQTT_SUBSCRIBE_REFUSED` naming the filters, `MQTT_NOT_CONNECTED` when the connection was lost meanwhile
   */
  apply(client: MqttClient): Promise<void>
  /** Takes these filters out of the wanted set. */
  forget(filters: readonly RefusedFilter[]): void
  /** Whether a shared subscription is wanted. */
  shares(): boolean
  /** The highest quality of service the broker has granted where it granted less than was asked for; 2 where it never did. */
  readonly grantedQos: QoS
}

/** Asks for filters beside the set. @returns the broker's answer to each, in their order */
export function askFor(client: MqttClient, filters: string[], qos: QoS): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    client.subscribe(filters, { qos }, (error, _grants, suback) => {
      if (suback === undefined) reject(lost('subscribe', error))
      else resolve(suback.granted.map(Number))
    })
  })
}

/** An empty set. */
export function createSubscriptions(options: Required<MqttSubscriptionOptions>): Subscriptions {
  let grantedQos: QoS = 2
  let identified = false
  let wanted = new Map<string, Subscription>()
  const active = new Map<string, Subscription>()
  let last: Promise<void> = Promise.resolve()

  async function reconcile(client: MqttClient): Promise<void> {
    const missing = [...wanted.values()].filter((one) => !isSame(one, active.get(one.filter)))
    const surplus = [...active.keys()].filter((filter) => !wanted.has(filter))
    // One SUBSCRIBE has one identifier: MQTT 5.0, 3.8.2.1.2. So one for each identifier, all under way together.
    const ids = identified ? [...new Set(missing.map(({ id }) => id))] : [undefined]
    const packets = ids.map((id) => ({ id, filters: missing.filter((one) => !identified || one.id === id) }))
    const sent = packets.flatMap(({ id, filters }) =>
      inPackets(filters, options.maxFilters).map((packet) => subscribe(client, packet, id, options)),
    )
    const answers = (await Promise.all(sent)).flat()
    const refused: RefusedFilter[] = []
    for (const { asked, reasonCode } of answers) {
      if (reasonCode >= 0x80) refused.push({ filter: asked.filter, reasonCode })
      else active.set(asked.filter, asked)
      if (reasonCode < asked.qos) grantedQos = Math.min(grantedQos, reasonCode) as QoS
    }
    if (surplus.length > 0) await unsubscribe(client, surplus)
    for (const filter of surplus) active.delete(filter)
    if (refused.length === 0) return
    const list = refused.map(({ filter, reasonCode }) => `${show(filter)} (0x${reasonCode.toString(16)})`).join(', ')
    throw new MqttError('MQTT_SUBSCRIBE_REFUSED', `the broker refused to subscribe us to ${list}`, {
      refused,
      reasonCode: refused[0]?.reasonCode,
    })
  }

  return {
    want(subscriptions) {
      for (const { filter } of subscriptions) {
        if (isTopicFilter(filter) && !holdsUnwanted(filter)) continue
        throw new MqttError('MQTT_TOPIC_INVALID', `${show(filter)} is no topic filter, or holds control characters`)
      }
      wanted = new Map(subscriptions.map((one) => [one.filter, one]))
    },
    connected(sessionPresent, identifiers) {
      identified = identifiers
      if (!sessionPresent) active.clear()
    },
    apply(client) {
      const applied = last.then(() => reconcile(client))
      last = applied.catch(() => {})
      return applied
    },
    forget(filters) {
      for (const { filter } of filters) wanted.delete(filter)
    },
    shares: () => [...wanted.keys()].some((filter) => filter.startsWith(sharePrefix)),
    get grantedQos() {
      return grantedQos
    },
  }
}

interface Answer {
  readonly asked: Subscription
  readonly reasonCode: number
}

/** @param id - of all of them */
function subscribe(
  client: MqttClient,
  subscriptions: readonly Subscription[],
  id: number | undefined,
  { noLocal, retained, retainAsPublished }: Required<MqttSubscriptionOptions>,
): Promise<Answer[]> {
  const ask = ({ filter, qos }: Subscription) => ({
    qos,
    rh: retainHandling[retained],
    rap: retainAsPublished,
    // No Local on a shared subscription is a protocol error: MQTT 5.0, 3.8.3.1.
    nl: noLocal && !filter.startsWith(sharePrefix),
  })
  const [only] = subscriptions.length === 1 ? subscriptions : []
  // From entries, so that a filter named __proto__ is one like any other.
  const map = Object.fromEntries(subscriptions.map((one) => [one.filter, ask(one)]))
  const properties = id === undefined ? {} : { properties: { subscriptionIdentifier: id } }
  return new Promise((resolve, reject) => {
    const same = { ...(only && ask(only)), ...properties } as IClientSubscribeOptions
    client.subscribe(only ? [only.filter] : map, same, (error, _granted, suback) => {
      if (suback === undefined) return reject(lost('subscribe', error))
      // mqtt.js writes the filters in the order of the map's keys, and the broker answers in that order.
      const codes = new Map(Object.keys(map).map((filter, index) => [filter, Number(suback.granted[index] ?? 0x80)]))
      resolve(subscriptions.map((asked) => ({ asked, reasonCode: codes.get(asked.filter) ?? 0x80 })))
    })
  })
}

/** @param size - filters in one at most */
function inPackets(subscriptions: readonly Subscription[], size: number): Subscription[][] {
  // Among others mqtt.js takes it for an option of its own.
  const alone = subscriptions.filter(({ filter }) => filter === 'resubscribe')
  const others = subscriptions.filter(({ filter }) => filter !== 'resubscribe')
  const packets = Array.from({ length: Math.ceil(others.length / size) }, (_, index) => others.slice(index * size, (index + 1) * size))
  return alone.length > 0 ? [...packets, alone] : packets
}

function isSame(one: Subscription, other: Subscription | undefined): boolean {
  return other !== undefined && one.qos === other.qos && one.id === other.id
}

const sharePrefix = '$share/'
/** @see MQTT 5.0, 3.8.3.1 */
const retainHandling = { always: 0, new: 1, never: 2 } as const

function unsubscribe(client: MqttClient, filters: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    client.unsubscribe(filters, (error) => (error ? reject(lost('unsubscribe', error)) : resolve()))
  })
}

function lost(what: string, cause: unknown): MqttError {
  return new MqttError('MQTT_NOT_CONNECTED', `${what}: the connection was lost before the broker answered`, { cause })
}
