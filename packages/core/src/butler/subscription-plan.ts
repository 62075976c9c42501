import type { Route } from '../router/router.js'
import { coveringSet, covers } from '../topic/covering.js'
import type { QoS, Subscription, Transport } from '../transport/transport.js'

/** What to subscribe to at one transport, and which routes a message that comes is for. */
export interface SubscriptionPlan {
  readonly subscriptions: readonly Subscription[]
  /**
   * Of the routes that match a message, those that this copy of it is for. A broker may send one message for each subscription that matches
   * (MQTT 5.0, section 3.3.4): each route listens to one of them.
   */
  routesFor(matched: readonly Route[], subscriptionIds: readonly number[] | undefined): readonly Route[]
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
  if (!identified) return { subscriptions: all, routesFor: (matched) => matched }

  const ids = assignIds(all.map(({ filter }) => filter))
  const subscriptions = all.map((subscription) => ({ ...subscription, id: ids.get(subscription.filter)! }))
  const known = new Set(ids.values())
  const idOf = new Map<Route, number | undefined>()
  return {
    subscriptions,
    routesFor(matched, subscriptionIds) {
      // A kept session may deliver by a subscription of an earlier life, which says nothing about today's routes.
      if (!subscriptionIds?.some((id) => known.has(id))) return matched
      return matched.filter((route) => {
        if (!idOf.has(route)) idOf.set(route, coveringId(route))
        const id = idOf.get(route)
        return id === undefined || subscriptionIds.includes(id)
      })
    },
  }

  function coveringId(route: Route): number | undefined {
    const prefix = prefixOf.get(route) ?? ''
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
