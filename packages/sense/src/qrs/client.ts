import { randomBytes } from 'node:crypto'
import { validate, type Clock, type Logger, type Schema, type SchemaOutput } from '@butlerkit/core'
import type { Dispatcher } from 'undici'
import { withoutProof, withoutSecrets, type Identity, type ProofHeaders } from '../auth/identity.js'
import { isHtml } from '../auth/proxy-identity.js'
import { QrsError } from '../errors.js'
import type { Answer, AnswerHeaders } from '../http/answer.js'
import { exchange, exchangeStream, type Body as RequestBody, type Exchange } from '../http/exchange.js'
import { fromAnswer, fromStatus } from '../http/failure.js'
import { queryText, requestLine } from '../http/request-line.js'
import { delayBefore, pause, toRetryAfterMs } from '../http/retry.js'
import { raceSignal } from '../signals.js'
import { filterText, type QrsFilter } from './filter.js'

/** What one client needs to speak to one service. */
export interface QrsClientOptions {
  /** Scheme, host and port: of the repository service (usually `https://<host>:4242`), or of a proxy. */
  readonly origin: string
  /** Connection pool with the client certificate. Stays the caller's to close. */
  readonly dispatcher: Dispatcher
  readonly identity: Identity
  /** Longest wait for one whole answer, in milliseconds. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
  /** Once aborted, no request is sent any more; its reason is thrown. Requests under way go on. */
  readonly closed: AbortSignal
}

/** A body that is sent as it comes. */
export interface QrsStream {
  /** Begins it; `alive` begins the deadline anew. */
  content(alive: () => void): NonNullable<RequestBody>
  /** Media type. */
  readonly type: string
  /** Length in bytes, where it is known. */
  readonly length?: number | undefined
}

/** One request. */
export interface QrsRequest {
  /** @defaultValue 'GET' */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** From `/qrs` on, each part already encoded. */
  readonly path: string
  /** Each value is encoded; `undefined` leaves the name out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined
  readonly filter?: QrsFilter | undefined
  /** Body, sent as JSON. */
  readonly json?: unknown
  /** Body, sent as it is; cannot be sent twice. */
  readonly stream?: QrsStream | undefined
  /** Something in the body that must not come back in an error. */
  readonly secret?: string
  readonly signal?: AbortSignal | undefined
  /** False leaves a transient failure to the caller. @defaultValue true */
  readonly retry?: boolean
  /** Longest wait for one whole answer, in milliseconds. @defaultValue the client's */
  readonly timeoutMs?: number | undefined
}

/** Sends requests to one service. Each throws a {@link QrsError}, or the signal's reason. */
export interface QrsClient {
  /** Asks for JSON and checks it. */
  json<S extends Schema>(request: QrsRequest, schema: S): Promise<SchemaOutput<S>>
  /** Asks for text, or for nothing. */
  text(request: QrsRequest): Promise<string>
  /** Asks for bytes and hands them on as they come; `alive` begins the deadline anew. Not tried again. */
  bytes<T>(request: QrsRequest, read: (body: Dispatcher.ResponseData['body'], alive: () => void) => Promise<T>): Promise<T>
}

/** Sends a request and takes its answer, once `accept` has not thrown for what it is. */
type Receive<T> = (sent: Exchange, accept: Accept) => Promise<T>
type Accept = (statusCode: number, headers: AnswerHeaders, readText: () => string | Promise<string>) => Promise<void>

const receiveWhole: Receive<Answer> = async (sent, accept) => {
  const answer = await exchange(sent)
  await accept(answer.statusCode, answer.headers, () => answer.text)
  return answer
}

/** Makes the one place where requests are sent. */
export function createQrsClient(options: QrsClientOptions): QrsClient {
  const { origin, dispatcher, identity, clock, logger, closed } = options
  return {
    async json(request, schema) {
      const shown = describe(request)
      const { statusCode, text } = await send(request, shown, receiveWhole)
      try {
        const checked = validate(schema, JSON.parse(text), 'it')
        return checked instanceof Promise ? await checked : checked
      } catch (cause) {
        throw fromAnswer(statusCode, shown, cause)
      }
    },
    text: async (request) => (await send(request, describe(request), receiveWhole)).text,
    bytes: (request, read) =>
      send({ ...request, retry: false }, describe(request), (sent, accept) =>
        exchangeStream(sent, async ({ statusCode, headers, body }, alive) => {
          await accept(statusCode, headers, () => body.text())
          return read(body, alive)
        }),
      ),
  }

  async function send<T>(request: QrsRequest, shown: string, receive: Receive<T>): Promise<T> {
    let renewed = false
    for (let attempt = 0; ; attempt++) {
      request.signal?.throwIfAborted()
      closed.throwIfAborted()
      const proof = await proofFor(request.signal)
      try {
        return await sendOnce(request, shown, proof, receive)
      } catch (error) {
        if (error instanceof QrsError && error.code === 'QRS_AUTH' && !renewed && request.stream === undefined && identity.expire(proof)) {
          renewed = true
          continue
        }
        if (!(error instanceof QrsError) || !mayRepeat(request, error)) throw error
        const delayMs = delayBefore(attempt, error)
        if (delayMs === undefined) throw error
        const { code, status } = error
        logger.debug('QRS request failed, trying again', { request: shown, code, status, delayMs })
        await pause(clock, delayMs, request.signal, closed)
      }
    }
  }

  async function proofFor(signal: AbortSignal | undefined): Promise<ProofHeaders> {
    const proof = identity.headers()
    return proof instanceof Promise ? raceSignal(proof, signal) : proof
  }

  async function sendOnce<T>(request: QrsRequest, shown: string, proof: ProofHeaders, receive: Receive<T>): Promise<T> {
    // Fresh for each request, as it is no secret worth keeping: 16 of [0-9A-Za-z].
    const xrfkey = randomBytes(8).toString('hex')
    const { method = 'GET', timeoutMs = options.timeoutMs, signal } = request
    const { body = null, headers: bodyHeaders } = bodyOf(request)
    const headers = { 'x-qlik-xrfkey': xrfkey, ...proof, ...bodyHeaders }
    const path = identity.prefix + pathOf(request, xrfkey)
    const sent: Exchange = { dispatcher, origin, method, path, headers, body, timeoutMs, clock, signal, shown }
    return receive(sent, async (statusCode, answered, readText) => {
      identity.answered(answered)
      if (statusCode < 200 || statusCode >= 300) {
        const text = withoutSecrets(withoutProof(await readText(), proof), [xrfkey, request.secret ?? ''])
        throw fromStatus(statusCode, text, shown, toRetryAfterMs(answered['retry-after'], clock))
      }
      // A proxy in front of QRS answers 200 with its login page.
      if (isHtml(answered)) {
        await readText()
        throw fromStatus(401, '', shown)
      }
    })
  }
}

/** Path and query as sent, without the anti-forgery key. */
export function pathOf(request: QrsRequest, xrfkey: string): string {
  const query = queryOf(request)
  return `${request.path}?${query === '' ? '' : `${query}&`}xrfkey=${xrfkey}`
}

/** A GET may be sent again whatever became of it; anything else only if nothing had been sent. */
function mayRepeat({ method = 'GET', stream, retry = true }: QrsRequest, { sent }: QrsError): boolean {
  return retry && (method === 'GET' || (!sent && stream === undefined))
}

function bodyOf({ json, stream }: QrsRequest): { body?: NonNullable<Exchange['body']>; headers?: Readonly<Record<string, string>> } {
  if (stream !== undefined) {
    const { content, type, length } = stream
    return { body: content, headers: { 'content-type': type, ...(length !== undefined && { 'content-length': String(length) }) } }
  }
  return json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }
}

function queryOf({ query, filter }: QrsRequest): string {
  // The whole filter encoded: a bare & is answered with 400, a bare # cuts the key off.
  const parts = [queryText(query ?? {}), filter === undefined ? '' : queryText({ filter: filterText(filter) })]
  return parts.filter((part) => part !== '').join('&')
}

function describe(request: QrsRequest): string {
  const query = queryOf(request)
  return requestLine(request.method ?? 'GET', query === '' ? request.path : `${request.path}?${query}`)
}
