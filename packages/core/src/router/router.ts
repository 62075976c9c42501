import type { Topic, TopicOf, TopicTypes } from '../topic/topic.js'
import type { Awaitable } from './awaitable.js'
import type { Handler, Message } from './message.js'
import type { AnyMiddleware, Merge, Middleware } from './middleware.js'
import { checkRouteOptions, type RouteOptions } from './route-options.js'
import { relocateTopic } from '../topic/relocate.js'

/** A contract with its handler, the middlewares around it and its options. */
export interface Route {
  readonly topic: Topic
  readonly handler: Handler<TopicTypes, object>
  readonly middlewares: readonly AnyMiddleware[]
  readonly options: RouteOptions
}

/** Routes that can be mounted where their `Needs` are met. */
export interface Mountable<in Needs> {
  /** In the order they were added. */
  readonly routes: readonly Route[]
  /** Types only: makes mounting without the needed services a type error that names what is missing. */
  readonly '~needs'?: (needs: Needs) => void
}

/**
 * Contracts with their handlers, to be mounted on a butler.
 *
 * @typeParam Needs - the services it must be mounted with
 * @typeParam Context - what its handlers find in `ctx`: the services and what `derive` and `use` have added so far
 */
export interface Router<Needs extends object = {}, Context extends object = Needs> extends Mountable<Needs> {
  /**
   * Adds a route. Every route whose topic matches a message handles it, each once.
   *
   * @returns the router, for chaining
   * @throws `RouteError` `ROUTE_OPTIONS` for options out of bounds or at odds with each other
   */
  on<const T extends TopicTypes>(topic: TopicOf<T>, handler: Handler<T, Context>, options?: RouteOptions<T>): this
  /** For the routes added to what it returns: adds the function's result to `ctx`. */
  derive<Added extends object>(derive: (message: Message<TopicTypes, Context>) => Awaitable<Added>): Router<Needs, Merge<Context, Added>>
  /** For the routes added to what it returns: wraps their handlers. */
  use<Added extends object = {}>(middleware: Middleware<Context, Added>): Router<Needs, Merge<Context, Added>>
  /** Adds every route of another router, inside this one's middlewares. */
  mount(router: Mountable<Context>): this
  /**
   * The same below a topic prefix, which may have wildcards of its own: `mount('tenant/+tenant', router)`.
   *
   * @throws `TopicError` `TOPIC_INVALID` for a prefix that makes a pattern MQTT does not allow
   */
  mount(prefix: string, router: Mountable<Context>): this
}

/**
 * Makes an empty router.
 *
 * @typeParam Needs - the services its handlers find in `ctx`; mounting it on a butler without them is a type error
 * @param defaults - options of every route that does not say otherwise
 */
export function createRouter<Needs extends object = {}>(defaults: RouteOptions = {}): Router<Needs> {
  return routerOver([], [], defaults)
}

/** The mount's arguments as routes: relocated where there is a prefix. */
export function mountedRoutes(...args: [router: Mountable<never>] | [prefix: string, router: Mountable<never>]): readonly Route[] {
  if (args.length === 1) return args[0].routes
  const [prefix, { routes }] = args
  return routes.map((route) => ({ ...route, topic: relocateTopic(prefix, route.topic) }))
}

// derive and use give a router of a longer chain over the same list of routes.
function routerOver<Needs extends object, Context extends object>(
  routes: Route[],
  middlewares: readonly AnyMiddleware[],
  defaults: RouteOptions,
): Router<Needs, Context> {
  const router: Router<Needs, Context> = {
    routes,
    on(topic, handler, routeOptions = {}) {
      const options = { ...defaults, ...routeOptions } as RouteOptions
      checkRouteOptions(topic.pattern, options)
      // The route forgets the types its handler was checked with; the pipeline hands it what the contract's schemas gave.
      routes.push({ topic, handler: handler as unknown as Handler<TopicTypes, object>, middlewares, options })
      return router
    },
    derive<Added extends object>(derive: (message: Message<TopicTypes, Context>) => Awaitable<Added>) {
      return router.use<Added>(async (message, next) => next<Added>(await derive(message)))
    },
    use(middleware) {
      return routerOver(routes, [...middlewares, middleware as unknown as AnyMiddleware], defaults)
    },
    mount(...args: [Mountable<Context>] | [string, Mountable<Context>]) {
      for (const route of mountedRoutes(...args)) {
        routes.push({ ...route, middlewares: [...middlewares, ...route.middlewares], options: { ...defaults, ...route.options } })
      }
      return router
    },
  }
  return router
}
