import { ButlerError } from '../errors.js'
import type { Route } from '../router/router.js'
import type { Transport } from '../transport/transport.js'
import { listensTo } from './subscription-plan.js'

/**
 * Checks that each route finds what it needs: in every transport it names, or in one of all.
 *
 * @throws ButlerError `ROUTE_UNSUPPORTED` naming the route, the need and the transport; `ROUTE_TRANSPORT_UNKNOWN` for a name in `from`
 */
export function checkNeeds(routes: readonly Route[], transports: readonly Transport[], group: string | undefined): void {
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
    const needs = candidates.map((transport) => unmetNeed(route, transport, transports, group))
    const unmet = named ? needs.find((need) => need !== undefined) : needs.every((need) => need !== undefined) ? needs[0] : undefined
    if (unmet !== undefined) throw new ButlerError('ROUTE_UNSUPPORTED', `route ${route.topic.pattern} ${unmet}`)
  }
}

function unmetNeed(
  { topic, options }: Route,
  transport: Transport,
  transports: readonly Transport[],
  butlerGroup: string | undefined,
): string | undefined {
  const { definition } = topic
  const { capabilities, name } = transport
  if (definition.qos !== undefined && definition.qos > capabilities.qos) {
    return `wants QoS ${definition.qos}; transport "${name}" has ${capabilities.qos} at most`
  }
  if (definition.reply && !capabilities.publish) return `is a request; transport "${name}" cannot answer`
  const group = options.group ?? butlerGroup
  if (group !== undefined && !capabilities.sharedSubscriptions) {
    return `is shared in group "${group}"; transport "${name}" has no shared subscriptions`
  }
  if (options.ack === 'manual' && !capabilities.ackControl) return `acknowledges by hand; transport "${name}" has no acknowledgements`
  if (options.deadLetter && !transports.some((other) => other.capabilities.publish)) return 'has a dead letter; no transport can publish it'
  return undefined
}
