import type { Route } from '../router/router.js'
import { coveringSet, covers } from '../topic/covering.js'
import type { QoS, Subscription, Transport } from '../transport/transport.js'

/** What to subscribe to at one transport, and which routes a message that comes is for. */
export interface SubscriptionPlan {
  readonly subscriptions: readonly Subscription[]
  /** The identifiers of the subscriptions; empty where messages do not tell by which they came. */
  readonly ids: ReadonlySet<number>
  /** The identifier of the one subscription a route listens to. */
  idFor(route: Route): number | undefined
}

/**
 * Of the routes that match a message, those that this copy of it is for. A broker may send one message for each subscription that matches
 * (MQTT 5.0, section 3.3.4): each route listens to one of them.
 */
export function routesFor(
  { ids, idFor }: SubscriptionPlan,
  matched: readonly Route[],
  subscriptionIds: readonly number[] | undefined,
): readonly Route[] {
  // A kept session may deliver by a subscription of an earlier life, which says nothing about today's routes.
  if (!subscriptionIds?.some((id) => ids.has(id))) return matched
  return matched.filter((route) => {
    const id = idFor(route)
    return id === undefined || subscriptionIds.includes(id)
  })
}

/**
 * The plan while the broker goes from one to another. What is new is added before what is old is taken away, so routes of the old plan go on
 * listening to the subscription they had.
 */
export function planTransition(from: SubscriptionPlan, to: SubscriptionPlan): SubscriptionPlan {
  return {
    subscriptions: to.subscriptions,
    ids: new Set([...from.ids, ...to.ids]),
    idFor: (route) => from.idFor(route) ?? to.idFor(route),
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
  if (!identified) return { subscriptions: all, ids: new Set(), idFor: () => undefined }

  const ids = assignIds(all.map(({ filter }) => filter))
  const subscriptions = all.map((subscription) => ({ ...subscription, id: ids.get(subscription.filter)! }))
  const idOf = new Map<Route, number | undefined>()
  return {
    subscriptions,
    ids: new Set(ids.values()),
    idFor(route) {
      if (!idOf.has(route)) idOf.set(route, coveringId(route))
      return idOf.get(route)
    },
  }

  function coveringId(route: Route): number | undefined {
    const prefix = prefixOf.get(route)
    if (prefix === undefined) return undefined
    const cover = planned.find(({ filter }) => filter.startsWith(prefix) && covers(filter.slice(prefix.length), route.topic.filter))
    return cover && ids.get(cover.filter)
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
