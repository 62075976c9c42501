import { ButlerError } from '../errors.js'
import type { Route } from '../router/router.js'
import type { QoS, Subscription, Transport } from '../transport/transport.js'

/** Whether a route listens to the transport of this name. */
export function listensTo({ options: { from } }: Route, transport: string): boolean {
  return from === undefined || (typeof from === 'string' ? from === transport : from.includes(transport))
}

/** What to subscribe to for these routes: each filter once, with the highest quality of service asked for. */
export function subscriptionsFor(routes: readonly Route[], transport: Transport): readonly Subscription[] {
  const filters = new Map<string, QoS>()
  for (const route of routes) {
    if (!listensTo(route, transport.name)) continue
    const { filter, definition } = route.topic
    const qos = Math.max(filters.get(filter) ?? 0, Math.min(definition.qos ?? 1, transport.capabilities.qos)) as QoS
    filters.set(filter, qos)
  }
  return Array.from(filters, ([filter, qos]) => ({ filter, qos }))
}

/**
 * Checks that each route finds what it needs: in every transport it names, or in one of all.
 *
 * @throws ButlerError `ROUTE_UNSUPPORTED` naming the route, the need and the transport; `ROUTE_TRANSPORT_UNKNOWN` for a name in `from`
 */
export function checkNeeds(routes: readonly Route[], transports: readonly Transport[]): void {
  for (const route of routes) {
    const named = route.options.from === undefined ? undefined : [route.options.from].flat()
    for (const name of named ?? []) {
      if (!transports.some((transport) => transport.name === name)) {
        throw new ButlerError(
          'ROUTE_TRANSPORT_UNKNOWN',
          `route ${route.topic.pattern} listens to "${name}", which is none of the transports`,
        )
      }
    }
    const candidates = transports.filter((transport) => listensTo(route, transport.name))
    const needs = candidates.map((transport) => unmetNeed(route, transport, transports))
    const unmet = named ? needs.find((need) => need !== undefined) : needs.every((need) => need !== undefined) ? needs[0] : undefined
    if (unmet !== undefined) throw new ButlerError('ROUTE_UNSUPPORTED', `route ${route.topic.pattern} ${unmet}`)
  }
}

function unmetNeed({ topic, options }: Route, transport: Transport, transports: readonly Transport[]): string | undefined {
  const { definition } = topic
  const { capabilities, name } = transport
  if (definition.qos !== undefined && definition.qos > capabilities.qos) {
    return `wants QoS ${definition.qos}; transport "${name}" has ${capabilities.qos} at most`
  }
  if (definition.reply && !capabilities.publish) return `is a request; transport "${name}" cannot answer`
  if (options.ack === 'manual' && !capabilities.ackControl) return `acknowledges by hand; transport "${name}" has no acknowledgements`
  if (options.deadLetter && !transports.some((other) => other.capabilities.publish)) return 'has a dead letter; no transport can publish it'
  return undefined
}
