import type { SecureContext } from 'node:tls'
import { messageOf, type Clock, type Logger } from '@butlerkit/core'
import type { ProofHeaders } from '../auth/identity.js'
import { joinSignals, raceSignal } from '../signals.js'
import { EngineError, fromEnigma } from './engine-error.js'
import { openEngineSocket } from './engine-socket.js'
import { openEnigma, type EnigmaObject, type EnigmaPromise } from './enigma.js'

/** What each call of the engine takes. */
export interface EngineCallOptions {
  /** Gives up; the engine is told to abort the call, and it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Longest wait for the answer, in milliseconds. @defaultValue the connection's */
  readonly timeoutMs?: number | undefined
}

/** How to get to the engine. */
export interface EngineAccess {
  readonly secureContext: SecureContext
  readonly servername: string | undefined
  /** Longest wait for a session, in milliseconds. */
  readonly connectTimeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
  /** The address for a path such as `app/<id>`, and the headers that prove who asks. Logs in where that is needed. */
  address(path: string): Promise<{ readonly url: string; readonly headers: ProofHeaders }>
}

/** A session with the engine. */
export interface EngineConnection {
  readonly global: EnigmaObject
  /** Aborted with an {@link EngineError} once the session is over, whoever ended it. */
  readonly over: AbortSignal
  /**
   * Calls a method by the engine's name for it, `GetAppLayout`. Reads that another change has aborted (code 15) are sent again, three times.
   *
   * @throws {@link EngineError}, or the signal's reason
   */
  call<T>(target: EnigmaObject, method: string, params?: readonly unknown[], options?: EngineCallOptions): Promise<T>
  /** The same, with the id of the request, for its progress. */
  request<T>(target: EnigmaObject, method: string, params: readonly unknown[], options: EngineCallOptions): EngineRequest<T>
  /** Ends the session. May be called twice; never throws. */
  close(): Promise<void>
}

/** A call under way. */
export interface EngineRequest<T> {
  readonly requestId: number
  readonly answer: Promise<T>
}

/** A timeout of none. */
export const noTimeout = Number.POSITIVE_INFINITY

const pingMs = 20_000

/** Opens a session. @param timeoutMs - of each call, where it does not say */
export async function connectEngine(
  access: EngineAccess,
  path: string,
  { signal, timeoutMs = 60_000 }: EngineCallOptions,
): Promise<EngineConnection> {
  const { secureContext, servername, connectTimeoutMs, clock, logger } = access
  const { url, headers } = await raceSignal(access.address(path), signal)
  const socket = await openEngineSocket({ url, headers, secureContext, servername, timeoutMs: connectTimeoutMs, pingMs, clock, signal })
  const global = await openEnigma(socket).catch(async (cause: unknown) => {
    await socket.close()
    throw new EngineError('ENGINE_CLOSED', `the session with the engine could not be begun: ${messageOf(cause)}`, { cause })
  })
  logger.debug('engine session opened', { path: path.split('/', 2).join('/') })
  return {
    global,
    over: socket.over,
    request,
    call: (target, method, params = [], options = {}) => request<never>(target, method, params, options).answer,
    close: socket.close,
  }

  function request<T>(target: EnigmaObject, method: string, params: readonly unknown[], options: EngineCallOptions): EngineRequest<T> {
    options.signal?.throwIfAborted()
    socket.over.throwIfAborted()
    const name = method.charAt(0).toLowerCase() + method.slice(1)
    const pending = (target[name] as (...all: readonly unknown[]) => EnigmaPromise)(...params)
    const { requestId = 0 } = pending
    return { requestId, answer: answerOf<T>(pending as Promise<T>, requestId, method, options) }
  }

  async function answerOf<T>(pending: Promise<T>, requestId: number, method: string, options: EngineCallOptions): Promise<T> {
    const limitMs = options.timeoutMs ?? timeoutMs
    const life = joinSignals(options.signal, socket.over)
    const expired = () =>
      life.abort(new EngineError('ENGINE_TIMEOUT', `${method}: no answer in ${limitMs} ms`, { method, transient: true }))
    const cancel = limitMs === noTimeout ? () => {} : clock.schedule(expired, limitMs)
    try {
      return await raceSignal(pending, life.signal)
    } catch (error) {
      if (socket.over.aborted) throw socket.over.reason
      if (!life.signal.aborted) throw fromEnigma(error, method)
      // The engine works off one session's requests in order: what nobody waits for must not hold up the next.
      void (global['abortRequest'] as (id: number) => Promise<unknown>)(requestId).catch(() => {})
      throw life.signal.reason
    } finally {
      cancel()
      life.release()
    }
  }
}
