import { messageOf, type Logger } from '@butlerkit/core'
import type { Activity } from '../activity.js'
import { docMethods } from './doc-methods.js'
import { globalMethods } from './global-methods.js'
import { diff } from './json-patch.js'
import type { EngineWorld, Outs, QixMethod } from './method.js'
import { objectMethods } from './object-methods.js'
import { QixError, qixError, rpcErrors } from './qix-error.js'
import type { Handle, SessionState } from './session.js'

/** A JSON-RPC request as the engine takes it. */
export interface QixRequest {
  readonly id: number
  readonly handle: number
  readonly method: string
  readonly params: readonly unknown[] | Readonly<Record<string, unknown>>
  /** Whether to answer with differences. */
  readonly delta?: boolean
}

/** What goes back, without the frame's `jsonrpc`. */
export type QixReply = Readonly<Record<string, unknown>>

/** One socket of a session. */
export interface QixClient {
  reply(reply: QixReply): void
  /** What it was answered last, for deltas: by handle, method and name. */
  readonly answered: Map<string, unknown>
}

/** The requests of one session: worked off in order, one at a time, except those that concern a reload. */
export interface RequestQueue {
  add(request: QixRequest, client: QixClient): void
}

interface Waiting {
  readonly request: QixRequest
  readonly client: QixClient
  aborted: boolean
}

/** What a queue works with. */
export interface RequestQueueOptions {
  readonly world: EngineWorld
  readonly session: SessionState
  readonly activity: Activity
  readonly logger: Logger
}

/** Makes the queue of a session. Every reply comes in a later turn of the event loop: clients rely on it. */
export function createRequestQueue({ world, session, activity, logger }: RequestQueueOptions): RequestQueue {
  const waiting: Waiting[] = []
  let current: Waiting | undefined

  const aborts: Readonly<Record<string, QixMethod>> = {
    AbortRequest: {
      params: ['qRequestId'],
      urgent: true,
      run({ params }) {
        abort((item) => item.request.id === Number(params['qRequestId']))
        return {}
      },
    },
    AbortAll: {
      params: [],
      urgent: true,
      run() {
        abort(() => true)
        return {}
      },
    },
  }

  return {
    add(request, client) {
      const item: Waiting = { request, client, aborted: false }
      const method = find(request)?.method
      if (method?.urgent) void serve(item)
      else {
        waiting.push(item)
        if (current === undefined) void workOff()
      }
    },
  }

  async function workOff(): Promise<void> {
    for (current = waiting.shift(); current; current = waiting.shift()) await serve(current)
  }

  async function serve(item: Waiting): Promise<void> {
    const over = activity.begin()
    await eventLoopTurn()
    try {
      item.client.reply({ id: item.request.id, ...(await answer(item, over)) })
    } finally {
      over()
    }
  }

  /** @param over - for what waits on the clock is not under way */
  async function answer(item: Waiting, over: () => void): Promise<QixReply> {
    try {
      if (item.aborted) throw qixError('LOCERR_GENERIC_ABORTED')
      const outs = run(item.request)
      if (outs instanceof Promise) over()
      const result = await outs
      if (item.aborted) throw qixError('LOCERR_GENERIC_ABORTED')
      return { ...(item.request.delta === true ? toDelta(item, result) : { result }), ...stale() }
    } catch (error) {
      const { code, parameter, message } = error instanceof QixError ? error : broken(item.request, error)
      return { error: { code, parameter, message }, ...stale() }
    }
  }

  function run(request: QixRequest): Outs | Promise<Outs> {
    const target = session.find(request.handle)
    if (target === undefined) throw new QixError(rpcErrors.invalidParams, 'Invalid Params', 'handle')
    const method = methodOf(target, request.method)
    if (method === undefined) throw new QixError(rpcErrors.methodNotFound, 'Method not found', request.method)
    return method.run({ world, session, target, id: request.id, params: named(method, request.params) })
  }

  function find(request: QixRequest): { readonly method: QixMethod | undefined } | undefined {
    const target = session.find(request.handle)
    return target && { method: methodOf(target, request.method) }
  }

  function methodOf({ type }: Handle, name: string): QixMethod | undefined {
    const methods = type === 'Global' ? { ...globalMethods, ...aborts } : type === 'Doc' ? docMethods : objectMethods[type]
    // Not what every object has by birth, such as `constructor`.
    return Object.hasOwn(methods, name) ? methods[name] : undefined
  }

  function abort(matches: (item: Waiting) => boolean): void {
    for (const item of [...waiting, ...(current ? [current] : [])]) {
      if (!matches(item)) continue
      item.aborted = true
      session.reloads.get(item.request.id)?.cancel()
    }
  }

  function broken({ method }: QixRequest, error: unknown): QixError {
    logger.error('engine request failed', { method, reason: messageOf(error) })
    return qixError('LOCERR_GENERIC_INTERNAL_ERROR')
  }

  function stale(): QixReply {
    const { change, close } = session.takeStale()
    return { ...(change.length > 0 ? { change } : {}), ...(close.length > 0 ? { close } : {}) }
  }

  // The answer before is kept as text: what it was made of changes under way.
  function toDelta({ request: { handle, method }, client: { answered } }: Waiting, result: Outs): QixReply {
    const patches = Object.entries(result).map(([name, value]) => {
      const key = `${handle} ${method} ${name}`
      const before = answered.get(key)
      const after: unknown = JSON.parse(JSON.stringify(value))
      answered.set(key, after)
      return [name, diff(before, after)] as const
    })
    return { result: Object.fromEntries(patches), delta: true }
  }
}

function named({ params: names }: QixMethod, params: QixRequest['params']): Readonly<Record<string, unknown>> {
  if (!Array.isArray(params)) return params as Readonly<Record<string, unknown>>
  return Object.fromEntries(names.map((name, index) => [name, (params as readonly unknown[])[index]]))
}

const eventLoopTurn = () => new Promise((resolve) => setImmediate(resolve))
