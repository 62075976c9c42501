import type { Route } from '../router/router.js'
import type { Subscription, Transport } from '../transport/transport.js'
import { planSubscriptions, planTransition, type SubscriptionPlan } from './subscription-plan.js'

/** What is listened to on one transport. */
export interface Wanted {
  readonly routes: readonly Route[]
  /** What others than routes listen to; a filter may come more than once. */
  readonly extras: readonly Subscription[]
}

/** Keeps one transport subscribed to what is wanted. */
export interface Subscriber {
  /** The plan in force. */
  readonly plan: SubscriptionPlan
  /** The transport is being opened with this plan: from now on changes are told to it. */
  begin(): SubscriptionPlan
  /**
   * Resolves once the transport has the change, or keeps it for its next connection. Changes are made in turn, those that wait all at once.
   *
   * @throws what the transport refuses this change with; all is then as it was
   */
  change(change: (wanted: Wanted) => Wanted): Promise<void>
  /** The transport is told nothing any more. */
  end(): void
}

interface Waiting {
  readonly change: (wanted: Wanted) => Wanted
  resolve(): void
  reject(error: unknown): void
}

/** @param group - that of the routes that name none */
export function createSubscriber(transport: Transport, group: string | undefined): Subscriber {
  let wanted: Wanted = { routes: [], extras: [] }
  let plan: SubscriptionPlan | undefined
  let told = false
  let working = false
  let waiting: Waiting[] = []

  function planFor({ routes, extras }: Wanted): SubscriptionPlan {
    return planSubscriptions(routes, transport, group, unique(extras))
  }

  function currentPlan(): SubscriptionPlan {
    return (plan ??= planFor(wanted))
  }

  async function work(): Promise<void> {
    if (working) return
    working = true
    while (waiting.length > 0) await applyAll(waiting.splice(0))
    working = false
  }

  async function applyAll(changes: readonly Waiting[]): Promise<void> {
    try {
      await apply(changes.reduce((before, { change }) => change(before), wanted))
      for (const { resolve } of changes) resolve()
    } catch (error) {
      if (changes.length === 1) return changes[0]?.reject(error)
      // One of them is to blame, and the others need not suffer for it.
      for (const each of changes) await applyAll([each])
    }
  }

  async function apply(next: Wanted): Promise<void> {
    const [wantedBefore, planBefore] = [wanted, currentPlan()]
    const planned = planFor(next)
    wanted = next
    plan = planned
    if (!told || JSON.stringify(planned.subscriptions) === JSON.stringify(planBefore.subscriptions)) return
    plan = planTransition(planBefore, planned)
    try {
      await transport.subscribe(planned.subscriptions)
      plan = planned
    } catch (error) {
      wanted = wantedBefore
      plan = planBefore
      // It may have done half of it.
      await transport.subscribe(planBefore.subscriptions).catch(() => undefined)
      throw error
    }
  }

  return {
    get plan() {
      return currentPlan()
    },
    begin() {
      told = true
      return currentPlan()
    },
    async change(change) {
      if (told) {
        return new Promise<void>((resolve, reject) => {
          waiting.push({ change, resolve, reject })
          void work()
        })
      }
      wanted = change(wanted)
      plan = undefined
    },
    end() {
      told = false
    },
  }
}

function unique(subscriptions: readonly Subscription[]): readonly Subscription[] {
  return subscriptions.filter(({ filter }, index) => subscriptions.findIndex((each) => each.filter === filter) === index)
}
