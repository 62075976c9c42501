import type { Route } from '../router/router.js'
import { createTopicMatcher, type TopicMatcher } from '../topic/matcher.js'
import type { Transport } from '../transport/transport.js'
import type { Listening } from './listening.js'
import { checkNeeds } from './needs.js'

/** The routes of a butler, which may change while it runs. */
export interface RouteTable {
  readonly routes: readonly Route[]
  readonly matcher: TopicMatcher<Route>
  /** Adds routes before anything is open. */
  mount(added: readonly Route[]): void
  /**
   * Adds routes and listens for them, or does nothing.
   *
   * @returns takes them away again
   * @throws what {@link RouteTable.checkNeeds} throws; what a transport refuses a subscription with
   */
  attach(added: readonly Route[]): Promise<() => Promise<void>>
  /** @throws ButlerError `ROUTE_UNSUPPORTED`, `ROUTE_TRANSPORT_UNKNOWN` */
  checkNeeds(): void
}

/** What a table tells of its changes. */
export interface RouteTableHost {
  readonly transports: readonly Transport[]
  /** That of the routes that name none. */
  readonly group: string | undefined
  readonly listening: Listening
  /** Routes were attached. */
  readonly added: () => void
}

export function createRouteTable({ transports, group, listening, added: tell }: RouteTableHost): RouteTable {
  let routes: readonly Route[] = []
  const matcher = createTopicMatcher<Route>()

  function file(added: readonly Route[]): void {
    routes = [...routes, ...added]
    for (const route of added) matcher.add(route.topic.filter, route)
  }

  function unfile(removed: readonly Route[]): void {
    const gone = new Set(removed)
    routes = routes.filter((route) => !gone.has(route))
    for (const route of removed) matcher.remove(route.topic.filter, route)
  }

  async function detach(attached: readonly Route[]): Promise<void> {
    // Messages come until the broker's answer, and go on coming where that is no.
    await listening.removeRoutes(attached)
    unfile(attached)
  }

  return {
    get routes() {
      return routes
    },
    matcher,
    mount(added) {
      file(added)
      void listening.addRoutes(added)
    },
    async attach(added) {
      checkNeeds(added, transports, group)
      // A router may be attached twice: each time its routes are others.
      const attached = added.map((route) => ({ ...route }))
      // The first message can come before the broker's answer.
      file(attached)
      try {
        await listening.addRoutes(attached)
      } catch (error) {
        unfile(attached)
        throw error
      }
      tell()
      let detaching: Promise<void> | undefined
      return () =>
        (detaching ??= detach(attached).catch((error: unknown) => {
          detaching = undefined
          throw error
        }))
    },
    checkNeeds: () => checkNeeds(routes, transports, group),
  }
}
