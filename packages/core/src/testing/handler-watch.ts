import { AsyncLocalStorage } from 'node:async_hooks'
import type { AnyMiddleware } from '../router/middleware.js'
import type { Mountable } from '../router/router.js'
import type { Transport } from '../transport/transport.js'

/** Knows which handlers wait for the clock, or for a connection, so that nobody else waits for them. */
export interface HandlerWatch {
  /** The same routes, watched. */
  mountable<Needs>(router: Mountable<Needs>): Mountable<Needs>
  /** The same transport: what is published without a connection waits, and what arrives belongs to nobody who published it. */
  transport(transport: Transport): Transport
  /**
   * Whether nothing goes on but waiting.
   *
   * @param active - how many works are neither done nor resting, as the butler counts them
   */
  atRest(active: number): boolean
}

/** One run of a handler, with the background work it began. */
interface HandlerRun {
  readonly watch: { waits: number }
  waits: number
}

const presentRun = new AsyncLocalStorage<HandlerRun | undefined>()

/** Counts the handler run it is called from as waiting. @returns ends that; called again it does nothing */
export function countWait(): () => void {
  const run = presentRun.getStore()
  return run ? waitOf(run) : () => {}
}

export function createHandlerWatch(): HandlerWatch {
  const watch = { waits: 0 }
  const running = new Set<HandlerRun>()

  const watched: AnyMiddleware = async (_message, next) => {
    const run: HandlerRun = { watch, waits: 0 }
    running.add(run)
    try {
      return await presentRun.run(run, () => next())
    } finally {
      running.delete(run)
    }
  }

  return {
    mountable: ({ routes }) => ({ routes: routes.map((route) => ({ ...route, middlewares: [watched, ...route.middlewares] })) }),
    transport: (transport) => ({
      ...transport,
      open: (session, options) =>
        transport.open({ ...session, receive: (message) => presentRun.run(undefined, () => session.receive(message)) }, options),
      async publish(message, options) {
        const { state } = transport.health()
        const stopWaiting = state === 'reconnecting' ? waitOf(presentRun.getStore() ?? { watch, waits: 0 }) : () => {}
        try {
          await transport.publish(message, options)
        } finally {
          stopWaiting()
        }
      },
    }),
    // Background work is counted in `active`, and its waits with those of the handler that began it.
    atRest: (active) => active <= watch.waits && [...running].every(({ waits }) => waits > 0),
  }
}

function waitOf(run: HandlerRun): () => void {
  let waiting = true
  run.waits += 1
  run.watch.waits += 1
  return () => {
    if (!waiting) return
    waiting = false
    run.waits -= 1
    run.watch.waits -= 1
  }
}
