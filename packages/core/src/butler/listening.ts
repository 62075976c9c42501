import type { Route } from '../router/router.js'
import type { Subscription, Transport } from '../transport/transport.js'
import { createSubscriber, type Subscriber } from './subscriber.js'
import type { SubscriptionPlan } from './subscription-plan.js'

/** What a butler is subscribed to, transport by transport. */
export interface Listening {
  /** The plan in force. */
  plan(transport: Transport): SubscriptionPlan
  /** The transport is being opened: the plan to open it with. */
  opening(transport: Transport): SubscriptionPlan
  /** The transport has opened, and may do less than it said: plans again, and subscribes anew where that differs. */
  opened(transport: Transport): Promise<void>
  /**
   * Subscribes for these routes wherever they listen, or nowhere.
   *
   * @throws what a transport refuses it with
   */
  addRoutes(added: readonly Route[]): Promise<void>
  /** Gives up what only these routes need, everywhere or nowhere. @throws what a transport refuses it with */
  removeRoutes(removed: readonly Route[]): Promise<void>
  /**
   * Subscribes to one more filter, for as long as anybody needs it.
   *
   * @returns gives it up; resolves once the transport has
   */
  add(transport: Transport, subscription: Subscription): Promise<() => Promise<void>>
  /** The transports are told nothing any more. */
  end(): void
}

/** @param group - that of the routes that name none */
export function createListening(transports: readonly Transport[], group: string | undefined): Listening {
  const subscribers = new Map(transports.map((transport) => [transport, createSubscriber(transport, group)]))

  return {
    plan: (transport) => of(transport).plan,
    opening: (transport) => of(transport).begin(),
    opened: (transport) => of(transport).change((wanted) => wanted),
    addRoutes: (added) => everywhere(plus(added), minus(added)),
    removeRoutes: (removed) => everywhere(minus(removed), plus(removed)),
    async add(transport, subscription) {
      const mine = { ...subscription }
      await of(transport).change(({ routes, extras }) => ({ routes, extras: [...extras, mine] }))
      return () => of(transport).change(({ routes, extras }) => ({ routes, extras: extras.filter((each) => each !== mine) }))
    },
    end() {
      for (const subscriber of subscribers.values()) subscriber.end()
    },
  }

  function of(transport: Transport): Subscriber {
    return subscribers.get(transport)!
  }

  async function everywhere(change: RoutesChange, back: RoutesChange): Promise<void> {
    const all = [...subscribers.values()]
    const results = await Promise.allSettled(all.map((subscriber) => subscriber.change(change)))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed === undefined) return
    const done = all.filter((_, index) => results[index]?.status === 'fulfilled')
    await Promise.allSettled(done.map((subscriber) => subscriber.change(back)))
    throw failed.reason
  }
}

type RoutesChange = Parameters<Subscriber['change']>[0]

function plus(added: readonly Route[]): RoutesChange {
  return ({ routes, extras }) => ({ routes: [...routes, ...added], extras })
}

function minus(removed: readonly Route[]): RoutesChange {
  const gone = new Set(removed)
  return ({ routes, extras }) => ({ routes: routes.filter((route) => !gone.has(route)), extras })
}
