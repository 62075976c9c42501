import type { TopicTypes } from '../topic/topic.js'
import type { Awaitable } from './awaitable.js'
import type { Message } from './message.js'

declare const added: unique symbol

/** What a middleware returns: proof that it called `next`, with the type of what it added to `ctx`. */
export interface Next<Added> {
  readonly [added]: Added
}

/** A context with more in it; what is added wins. One mapped type, so that hovers stay short along a chain. */
export type Merge<Context, Added> = [keyof Added] extends [never]
  ? Context
  : { [K in keyof Context | keyof Added]: K extends keyof Added ? Added[K] : K extends keyof Context ? Context[K] : never }

/**
 * Wraps the handlers of a router: runs before them, calls `next` once with what it adds to `ctx`, and runs after them. What handlers throw
 * comes through `next`; what it throws itself fails the message.
 */
export type Middleware<Context extends object, Added extends object = {}> = (
  message: Message<TopicTypes, Context>,
  next: <A extends object = {}>(add?: A) => Promise<Next<A>>,
) => Promise<Next<Added>>

/** A middleware once its types have done their work. */
export type AnyMiddleware = Middleware<object, object>

/** Runs `handle` inside the middlewares, the first outermost, and gives what it returned. */
export async function runWrapped<T>(
  middlewares: readonly AnyMiddleware[],
  message: Message<TopicTypes, object>,
  extend: (added: object) => void,
  handle: () => Awaitable<T>,
): Promise<T> {
  let value: { readonly returned: T } | undefined
  await enter(0)
  // A middleware that did not call next has answered for the handler: with nothing.
  return value?.returned as T

  async function enter(index: number): Promise<unknown> {
    const middleware = middlewares[index]
    if (middleware === undefined) {
      value = { returned: await handle() }
      return undefined
    }
    return middleware(message, async (add) => {
      if (add) extend(add)
      return (await enter(index + 1)) as never
    })
  }
}
