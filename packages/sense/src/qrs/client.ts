import { randomBytes } from 'node:crypto'
import { sleep, validate, type Clock, type Logger, type SchemaOutput } from '@butlerkit/core'
import type { Dispatcher } from 'undici'
import type { z } from 'zod'
import { QrsError } from '../errors.js'
import { joinSignals } from '../signals.js'
import { fromAnswer, fromNetworkFailure, fromStatus } from './failure.js'
import { filterText, type QrsFilter } from './filter.js'

/** What one client needs to speak to one repository service. */
export interface QrsClientOptions {
  /** Scheme, host and port of the repository service, usually `https://<host>:4242`. */
  readonly origin: string
  /** Connection pool carrying the client certificate. Stays the caller's to close. */
  readonly dispatcher: Dispatcher
  /** The `X-Qlik-User` header. */
  readonly userHeader: string
  /** Longest wait for one whole answer, in milliseconds. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
  /** Once aborted, no request is sent any more; its reason is thrown. Requests under way go on. */
  readonly closed: AbortSignal
}

/** One request. */
interface QrsRequest {
  readonly method?: 'GET' | 'POST'
  /** From `/qrs` on, each part already encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly filter?: QrsFilter | undefined
  readonly signal?: AbortSignal | undefined
  /** False leaves a transient failure to the caller. @defaultValue true */
  readonly retry?: boolean
}

/** Sends requests to the repository service. */
export interface QrsClient {
  /**
   * Asks for JSON and checks it.
   *
   * @throws {@link QrsError}, or the signal's reason
   */
  json<S extends z.ZodType>(request: QrsRequest, schema: S): Promise<SchemaOutput<S>>
  /** Asks for a text file. @throws {@link QrsError}, or the signal's reason */
  text(request: QrsRequest): Promise<string>
}

interface Answer {
  readonly status: number
  readonly text: string
}

/** Waits before the second, third and fourth try of what may be tried again. */
const retryDelaysMs = [250, 1_000, 3_000]

/** Makes the one place where requests to QRS are sent. */
export function createQrsClient(options: QrsClientOptions): QrsClient {
  const { origin, dispatcher, userHeader, timeoutMs, clock, logger, closed } = options
  return {
    async json(request, schema) {
      const shown = describe(request)
      const { status, text } = await send(request, shown)
      try {
        return await validate(schema, JSON.parse(text), 'it')
      } catch (cause) {
        throw fromAnswer(status, shown, cause)
      }
    },
    async text(request) {
      return (await send(request, describe(request))).text
    },
  }

  async function send(request: QrsRequest, shown: string): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await sendOnce(request, shown)
      } catch (error) {
        const delayMs = retryDelaysMs[attempt]
        if (delayMs === undefined || !mayRepeat(request, error)) throw error
        logger.debug('QRS request failed, trying again', { request: shown, code: error.code, status: error.status, delayMs })
        await pause(delayMs, request.signal)
      }
    }
  }

  async function sendOnce(request: QrsRequest, shown: string): Promise<Answer> {
    request.signal?.throwIfAborted()
    closed.throwIfAborted()
    // Fresh for each request, as it is no secret worth keeping: 16 of [0-9A-Za-z].
    const xrfkey = randomBytes(8).toString('hex')
    const life = joinSignals(request.signal)
    const cancelTimeout = clock.schedule(() => life.abort(timedOut(shown, timeoutMs)), timeoutMs)
    try {
      const { statusCode, headers, body } = await dispatcher.request({
        origin,
        method: request.method ?? 'GET',
        path: pathOf(request, xrfkey),
        headers: { 'x-qlik-xrfkey': xrfkey, 'x-qlik-user': userHeader },
        signal: life.signal,
      })
      const text = await body.text()
      if (statusCode < 200 || statusCode >= 300) throw fromStatus(statusCode, redact(text, xrfkey), shown)
      // A proxy in front of QRS answers 200 with its login page.
      if (String(headers['content-type']).startsWith('text/html')) throw fromStatus(401, '', shown)
      return { status: statusCode, text }
    } catch (error) {
      // Ours and the caller's reasons arrive wrapped or bare, depending on how far undici was.
      if (life.signal.aborted) throw life.signal.reason
      throw error instanceof QrsError ? error : fromNetworkFailure(error, shown)
    } finally {
      cancelTimeout()
      life.release()
    }
  }

  async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    const life = joinSignals(signal, closed)
    try {
      await sleep(clock, delayMs, life.signal)
    } finally {
      life.release()
    }
  }

  /** A server may send our headers back in its error text. */
  function redact(text: string, xrfkey: string): string {
    return text.replaceAll(xrfkey, '…').replaceAll(userHeader, '…')
  }
}

/** A GET again after any passing failure; anything else only if nothing had been sent. A timeout has used up its time. */
function mayRepeat(request: QrsRequest, error: unknown): error is QrsError {
  if (!(error instanceof QrsError) || !error.transient || request.retry === false || error.code === 'QRS_TIMEOUT') return false
  return (request.method ?? 'GET') === 'GET' || !error.sent
}

function timedOut(request: string, timeoutMs: number): QrsError {
  return new QrsError('QRS_TIMEOUT', `${request}: no whole answer in ${timeoutMs} ms`, { request, sent: true, transient: true })
}

function pathOf(request: QrsRequest, xrfkey: string): string {
  const query = queryOf(request)
  return `${request.path}?${query === '' ? '' : `${query}&`}xrfkey=${xrfkey}`
}

function queryOf({ query = {}, filter }: QrsRequest): string {
  const parts = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  // The whole filter encoded: a bare & is answered with 400, a bare # cuts the key off.
  if (filter !== undefined) parts.push(`filter=${encodeURIComponent(filterText(filter))}`)
  return parts.join('&')
}

function describe(request: QrsRequest): string {
  const query = queryOf(request)
  const shown = `${request.method ?? 'GET'} ${request.path}${query === '' ? '' : `?${query}`}`
  return shown.length > 300 ? `${shown.slice(0, 300)}…` : shown
}
