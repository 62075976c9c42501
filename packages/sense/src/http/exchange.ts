import { EventEmitter, setMaxListeners } from 'node:events'
import type { Readable } from 'node:stream'
import type { Clock } from '@butlerkit/core'
import type { Dispatcher } from 'undici'
import { QrsError } from '../errors.js'
import { fetchAnswer, type Answer } from './answer.js'
import { fromNetworkFailure } from './failure.js'

/** What undici sends as a body. */
export type Body = string | Uint8Array | Readable | null

/** One HTTP request to one of the site's services. */
export interface Exchange {
  readonly dispatcher: Dispatcher
  readonly origin: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path and query, encoded. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The body; a function of `alive` for one that tells when it moves. */
  readonly body?: Body | ((alive: () => void) => Body)
  /** Longest wait for the whole answer, in milliseconds, or for the next sign of life where `alive` is used. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
  /** How the request is named in errors: without keys. */
  readonly shown: string
}

/**
 * Sends one request and takes its answer in whole, under one deadline.
 *
 * @throws {@link QrsError} for what the network does, or the signal's reason
 */
export function exchange(request: Exchange): Promise<Answer> {
  return underDeadline(request, (options, stop) => fetchAnswer(request.dispatcher, options, stop))
}

/**
 * Sends one request and hands on the body of its answer as it comes, under one deadline.
 *
 * @param read - reads the body; gets `alive`, which begins the deadline anew
 * @throws {@link QrsError} for what the network does, what `read` throws, or the signal's reason
 */
export function exchangeStream<T>(request: Exchange, read: (answer: Dispatcher.ResponseData, alive: () => void) => Promise<T>): Promise<T> {
  return underDeadline(request, async (options, stop, alive) => read(await request.dispatcher.request({ ...options, signal: stop }), alive))
}

/** What undici takes of a request. */
interface Sent {
  readonly origin: string
  readonly method: Exchange['method']
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Body
}

async function underDeadline<T>(
  { origin, method, path, headers, body = null, timeoutMs, clock, signal, shown }: Exchange,
  send: (options: Sent, stop: EventEmitter, alive: () => void) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  // undici takes an emitter for a signal too, and one is had for a tenth of what an AbortController costs.
  const stop = new EventEmitter()
  let ended: { readonly reason: unknown } | undefined
  const end = (reason: unknown) => {
    ended ??= { reason }
    stop.emit('abort')
  }
  const abort = () => end(signal?.reason)
  const expire = () => end(timedOut(shown, timeoutMs))
  let cancelTimeout = clock.schedule(expire, timeoutMs)
  const alive = () => {
    cancelTimeout()
    cancelTimeout = clock.schedule(expire, timeoutMs)
  }
  if (signal !== undefined) {
    // One signal may rightly end any number of requests at once; Node 20 warns of a leak from eleven on. None of ours stays.
    setMaxListeners(0, signal)
    signal.addEventListener('abort', abort, { once: true })
  }
  try {
    const content = typeof body === 'function' ? body(alive) : body
    return await send({ origin, method, path, headers, body: content }, stop, alive)
  } catch (error) {
    // Ours and the caller's reasons arrive wrapped or bare, depending on how far undici was.
    if (ended !== undefined) throw ended.reason
    throw error instanceof QrsError ? error : fromNetworkFailure(error, shown)
  } finally {
    cancelTimeout()
    signal?.removeEventListener('abort', abort)
  }
}

function timedOut(request: string, timeoutMs: number): QrsError {
  return new QrsError('QRS_TIMEOUT', `${request}: no whole answer in ${timeoutMs} ms`, { request, sent: true, transient: true })
}
