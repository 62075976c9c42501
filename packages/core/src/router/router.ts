import type { Topic, TopicOf, TopicTypes } from '../topic/topic.js'
import type { Handler } from './message.js'
import type { RouteOptions } from './route-options.js'

/** A contract with its handler. */
export interface Route {
  readonly topic: Topic
  readonly handler: Handler<TopicTypes, object>
  readonly options: RouteOptions
}

/** A router that can be mounted where its `Needs` are met. */
export interface Mountable<in Needs> {
  /** In the order they were added. */
  readonly routes: readonly Route[]
  /** Types only: makes mounting without the needed services a type error that names what is missing. */
  readonly '~needs'?: (needs: Needs) => void
}

/** Contracts with their handlers, to be mounted on a butler. */
export interface Router<Needs extends object = {}> extends Mountable<Needs> {
  /**
   * Adds a route. Every route whose topic matches a message handles it, each once.
   *
   * @returns the router, for chaining
   * @throws `RouteError` `ROUTE_OPTIONS` for options that make no sense together
   */
  on<const T extends TopicTypes>(topic: TopicOf<T>, handler: Handler<T, Needs>, options?: RouteOptions): this
  /** Adds every route of another router. */
  mount(router: Mountable<Needs>): this
}

/**
 * Makes an empty router.
 *
 * @typeParam Needs - the services its handlers find in `ctx`; mounting it on a butler without them is a type error
 * @param defaults - options of every route that does not say otherwise
 */
export function createRouter<Needs extends object = {}>(defaults: RouteOptions = {}): Router<Needs> {
  const routes: Route[] = []
  const router: Router<Needs> = {
    routes,
    on(topic, handler, options = {}) {
      // The route forgets the types its handler was checked with; the pipeline hands it what the contract's schemas gave.
      routes.push({ topic, handler: handler as Handler<TopicTypes, object>, options: { ...defaults, ...options } })
      return router
    },
    mount(child) {
      routes.push(...child.routes)
      return router
    },
  }
  return router
}
