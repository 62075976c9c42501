import type { Route } from '../router/router.js'
import type { Subscription, Transport } from '../transport/transport.js'
import { planSubscriptions, type SubscriptionPlan } from './subscription-plan.js'

/** What a butler is subscribed to, transport by transport. */
export interface Listening {
  /** The plan in force. */
  plan(transport: Transport): SubscriptionPlan
  /** The transport has opened, and may do less than it said: plans again, and subscribes anew where that differs. */
  opened(transport: Transport): Promise<void>
  /**
   * Subscribes to one more filter, for as long as anybody needs it.
   *
   * @returns gives it up; resolves once the transport has
   */
  add(transport: Transport, subscription: Subscription): Promise<() => Promise<void>>
}

export function createListening(routes: readonly Route[], group: string | undefined): Listening {
  const plans = new Map<Transport, SubscriptionPlan>()
  const extras = new Map<Transport, Subscription[]>()

  return {
    plan: (transport) => plans.get(transport) ?? replan(transport),
    async opened(transport) {
      const before = plans.get(transport)?.subscriptions
      const { subscriptions } = replan(transport)
      if (JSON.stringify(before) !== JSON.stringify(subscriptions)) await transport.subscribe(subscriptions)
    },
    async add(transport, subscription) {
      const mine = { ...subscription }
      extras.set(transport, [...(extras.get(transport) ?? []), mine])
      let given = false
      const giveUp = async () => {
        if (given) return
        given = true
        extras.set(
          transport,
          (extras.get(transport) ?? []).filter((each) => each !== mine),
        )
        await transport.subscribe(replan(transport).subscriptions)
      }
      try {
        await transport.subscribe(replan(transport).subscriptions)
      } catch (error) {
        await giveUp().catch(() => undefined)
        throw error
      }
      return giveUp
    },
  }

  function replan(transport: Transport): SubscriptionPlan {
    const plan = planSubscriptions(routes, transport, group, unique(extras.get(transport) ?? []))
    plans.set(transport, plan)
    return plan
  }
}

function unique(subscriptions: readonly Subscription[]): readonly Subscription[] {
  return subscriptions.filter(({ filter }, index) => subscriptions.findIndex((each) => each.filter === filter) === index)
}
