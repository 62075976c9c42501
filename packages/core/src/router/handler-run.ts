import { isPromiseLike } from './awaitable.js'
import type { HandlerMessage } from './handler-message.js'
import { runWrapped } from './middleware.js'
import { HandlerTimeoutError } from './outcome.js'
import type { PipelineHost } from './passage.js'
import { routeDefaults } from './route-options.js'
import type { Route } from './router.js'

/**
 * Runs a route's middlewares and handler once. A handler that returns no promise is done at once; for another the waiting stops when the
 * route's time is over or the butler stops, and what it does after that goes unheard.
 *
 * @throws what the handler throws, at once or as a rejection; `HandlerTimeoutError`; the reason the butler stopped for
 */
export function runHandler(route: Route, message: HandlerMessage, host: PipelineHost): unknown {
  const result: unknown =
    route.middlewares.length === 0
      ? route.handler(message)
      : runWrapped(
          route.middlewares,
          message,
          (added) => (message.ctx = { ...message.ctx, ...added }),
          () => route.handler(message),
        )
  return isPromiseLike(result) ? withinTime(result, route.options.timeoutMs ?? routeDefaults.timeoutMs, message, host) : result
}

function withinTime(
  run: PromiseLike<unknown>,
  timeoutMs: number,
  message: HandlerMessage,
  { clock, workload }: PipelineHost,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const giveUp = (reason: unknown) => {
      message.abort(reason)
      settle()
      reject(reason)
    }
    const cancelTimer = clock.schedule(() => giveUp(new HandlerTimeoutError(timeoutMs)), timeoutMs)
    const forget = workload.onAbandon(giveUp)
    run.then(
      (value) => {
        settle()
        resolve(value)
      },
      (error: unknown) => {
        settle()
        reject(error)
      },
    )

    function settle(): void {
      cancelTimer()
      forget()
    }
  })
}
