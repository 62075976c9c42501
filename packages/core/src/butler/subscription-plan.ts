import type { Route } from '../router/router.js'
import { coveringSet, covers } from '../topic/covering.js'
import type { QoS, Subscription, Transport } from '../transport/transport.js'

/** What to subscribe to at one transport, and which routes a message that comes is for. */
export interface SubscriptionPlan {
  readonly subscriptions: readonly Subscription[]
  /** The identifiers of the subscriptions; empty where messages do not tell by which they came. */
  readonly ids: ReadonlySet<number>
  /** The identifiers of the subscriptions a route listens to: one, unless the broker goes from one plan to another. */
  idsFor(route: Route): readonly number[]
}

/**
 * Of the routes that match a message, those that this copy of it is for. A broker may send one message for each subscription that matches
 * (MQTT 5.0, section 3.3.4): each route listens to one of them.
 */
export function routesFor(
  { ids, idsFor }: SubscriptionPlan,
  matched: readonly Route[],
  subscriptionIds: readonly number[] | undefined,
): readonly Route[] {
  // A kept session may deliver by a subscription of an earlier life, which says nothing about today's routes.
  if (!subscriptionIds?.some((id) => ids.has(id))) return matched
  return matched.filter((route) => {
    const wanted = idsFor(route)
    return wanted.length === 0 || wanted.some((id) => subscriptionIds.includes(id))
  })
}

/**
 * The plan while the broker goes from one to another: routes listen to the subscription they had and to the one they get. Where the broker
 * sends a copy for each, that is one too many; but when it stops sending by the old one, nothing tells in time.
 */
export function planTransition(from: SubscriptionPlan, to: SubscriptionPlan): SubscriptionPlan {
  return {
    subscriptions: to.subscriptions,
    ids: new Set([...from.ids, ...to.ids]),
    idsFor: (route) => [...from.idsFor(route), ...to.idsFor(route)],
  }
}

/** Whether a route listens to the transport of this name. */
export function listensTo({ options: { from } }: Route, transport: string): boolean {
  return from === undefined || (typeof from === 'string' ? from === transport : from.includes(transport))
}

/**
 * Plans the least set of subscriptions for these routes.
 *
 * @param group - that of the routes that name none
 * @param extras - further subscriptions, whose messages no route needs
 */
export function planSubscriptions(
  routes: readonly Route[],
  { name, capabilities }: Pick<Transport, 'name' | 'capabilities'>,
  group: string | undefined,
  extras: readonly Subscription[],
): SubscriptionPlan {
  const identified = capabilities.subscriptionIdentifiers === true
  const groups = new Map<string | undefined, Subscription[]>()
  const prefixOf = new Map<Route, string>()
  for (const route of routes) {
    if (!listensTo(route, name)) continue
    const { filter, definition } = route.topic
    const shared = route.options.group ?? group
    prefixOf.set(route, shared === undefined ? '' : `$share/${shared}/`)
    const qos = Math.min(definition.qos ?? 1, capabilities.qos) as QoS
    groups.set(shared, [...(groups.get(shared) ?? []), { filter, qos }])
  }
  const planned = [...groups].flatMap(([shared, wanted]) => {
    const prefix = shared === undefined ? '' : `$share/${shared}/`
    return coveringSet(wanted, { disjoint: !identified }).map(({ filter, qos }) => ({ filter: `${prefix}${filter}`, qos }))
  })
  const taken = new Set(planned.map(({ filter }) => filter))
  const all = [...planned, ...extras.filter(({ filter }) => !taken.has(filter))]
  if (!identified) return { subscriptions: all, ids: new Set(), idsFor: () => [] }

  const ids = assignIds(all.map(({ filter }) => filter))
  const subscriptions = all.map((subscription) => ({ ...subscription, id: ids.get(subscription.filter)! }))
  const idsOf = new Map<Route, readonly number[]>()
  return {
    subscriptions,
    ids: new Set(ids.values()),
    idsFor(route) {
      let known = idsOf.get(route)
      if (known === undefined) idsOf.set(route, (known = coveringIds(route)))
      return known
    },
  }

  function coveringIds(route: Route): readonly number[] {
    const prefix = prefixOf.get(route)
    if (prefix === undefined) return []
    const cover = planned.find(({ filter }) => filter.startsWith(prefix) && covers(filter.slice(prefix.length), route.topic.filter))
    const id = cover && ids.get(cover.filter)
    return id === undefined ? [] : [id]
  }
}

/**
 * An identifier for each filter, 1 to 268_435_455: the same in every life of the butler, as messages of a kept session may come by
 * subscriptions of an earlier one.
 */
function assignIds(filters: readonly string[]): ReadonlyMap<string, number> {
  const ids = new Map<string, number>()
  const taken = new Set<number>()
  for (const filter of filters) {
    let id = hash(filter)
    while (id === 0 || taken.has(id)) id = (id + 1) & 0x0fff_ffff
    taken.add(id)
    ids.set(filter, id)
  }
  return ids
}

/** FNV-1a, 28 bits. */
function hash(text: string): number {
  let value = 0x811c_9dc5
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x0100_0193)
  return (value ^ (value >>> 28)) & 0x0fff_ffff
}
