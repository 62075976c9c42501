import { messageOf, validate, type Clock, type Logger, type Schema, type SchemaOutput } from '@butlerkit/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { withoutProof, withoutSecrets, type ProofHeaders } from '../auth/identity.js'
import { QrsError } from '../errors.js'
import type { Answer } from '../http/answer.js'
import { exchange } from '../http/exchange.js'
import { requestLine } from '../http/request-line.js'
import { delayBefore, pause, toRetryAfterMs } from '../http/retry.js'
import { raceSignal } from '../signals.js'
import type { AccessToken, CloudAuth } from './auth.js'
import { createBearer } from './bearer.js'
import { CloudError } from './errors.js'
import { fromAnswer, fromNetwork, fromStatus } from './failure.js'

/** What one client needs to speak to one tenant. */
export interface CloudClientOptions {
  /** Scheme and host of the tenant. */
  readonly origin: string
  readonly dispatcher: Dispatcher
  readonly auth: CloudAuth
  /** Longest wait for one whole answer, in milliseconds. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
  /** Once aborted, no request is sent any more; its reason is thrown. Requests under way go on. */
  readonly closed: AbortSignal
}

/** One request. */
export interface CloudRequest {
  /** @defaultValue 'GET' */
  readonly method?: 'GET' | 'POST'
  /** From `/api` on, each part already encoded. */
  readonly path: string
  /** Body, sent as JSON. */
  readonly json?: unknown
  readonly signal?: AbortSignal | undefined
  /** False leaves a transient failure to the caller. @defaultValue true */
  readonly retry?: boolean
}

/** Sends requests to one tenant. Each throws a {@link CloudError}, or the signal's reason. */
export interface CloudClient {
  readonly origin: string
  /** Asks for JSON and checks it. */
  json<S extends Schema>(request: CloudRequest, schema: S): Promise<SchemaOutput<S>>
  /** Asks for text, or for nothing. */
  text(request: CloudRequest): Promise<string>
}

const tokenWire = z.object({ access_token: z.string().regex(/^[\u0021-\u007e]+$/), expires_in: z.number().positive().nullish() })

/** Makes the one place where requests to a tenant are sent. */
export function createCloudClient({ origin, dispatcher, auth, timeoutMs, clock, logger, closed }: CloudClientOptions): CloudClient {
  const bearer = createBearer(auth, exchangeToken, clock)
  return {
    origin,
    json: async (request, schema) => parse(request, schema, await send(request)),
    text: async (request) => (await send(request)).text,
  }

  async function send(request: CloudRequest): Promise<Answer> {
    const proof = await proofFor(request.signal)
    try {
      return await repeat(request, proof)
    } catch (error) {
      if (!(error instanceof CloudError) || error.code !== 'CLOUD_AUTH' || !bearer.expire(proof)) throw error
      return repeat(request, await proofFor(request.signal))
    }
  }

  async function proofFor(signal: AbortSignal | undefined): Promise<ProofHeaders> {
    signal?.throwIfAborted()
    closed.throwIfAborted()
    const proof = bearer.headers()
    return proof instanceof Promise ? raceSignal(proof, signal) : proof
  }

  /** For whoever asks meanwhile, so without a signal. To ask twice for a token does no harm. */
  async function exchangeToken(grant: Readonly<Record<string, string>>): Promise<AccessToken> {
    const request = { method: 'POST', path: '/oauth/token', json: grant } as const
    const answer = await repeat(request, {}, { mayRepeat: () => true, secrets: Object.values(grant) })
    const { access_token: value, expires_in: seconds } = await parse(request, tokenWire, answer)
    return { value, lifetimeMs: seconds ? seconds * 1_000 : undefined }
  }

  async function repeat(
    request: CloudRequest,
    proof: ProofHeaders,
    { mayRepeat = isSafe, secrets = [] }: Repetition = {},
  ): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      request.signal?.throwIfAborted()
      closed.throwIfAborted()
      try {
        return await sendOnce(request, proof, secrets)
      } catch (error) {
        if (!(error instanceof CloudError) || !mayRepeat(request, error)) throw error
        const delayMs = delayBefore(attempt, error)
        if (delayMs === undefined) throw error
        const { code, status } = error
        logger.debug('Qlik Cloud request failed, trying again', { request: error.request, code, status, delayMs })
        await pause(clock, delayMs, request.signal, closed)
      }
    }
  }

  async function sendOnce(request: CloudRequest, proof: ProofHeaders, secrets: readonly string[]): Promise<Answer> {
    const { method = 'GET', path, json, signal } = request
    const shown = describe(request)
    const body = json === undefined ? null : JSON.stringify(json)
    const headers = { ...proof, ...(body !== null && { 'content-type': 'application/json' }) }
    const sent = exchange({ dispatcher, origin, method, path, headers, body, timeoutMs, clock, signal, shown })
    const answer = await sent.catch((error: unknown) => {
      throw error instanceof QrsError ? fromNetwork(error) : error
    })
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer
    const clean = withoutSecrets(withoutProof(answer.text, proof), secrets)
    throw fromStatus(answer.statusCode, clean, shown, toRetryAfterMs(answer.headers['retry-after'], clock))
  }
}

/** How a request is sent again. */
interface Repetition {
  readonly mayRepeat?: (request: CloudRequest, error: CloudError) => boolean
  /** What is in the body and must not come back in an error. */
  readonly secrets?: readonly string[]
}

/** What was not let through for its number (429) has not been looked at, and what was not sent cannot have been. */
function isSafe({ method = 'GET', retry = true }: CloudRequest, { sent, status }: CloudError): boolean {
  return retry && (method === 'GET' || !sent || status === 429)
}

async function parse<S extends Schema>(request: CloudRequest, schema: S, { statusCode, text }: Answer): Promise<SchemaOutput<S>> {
  try {
    return await validate(schema, JSON.parse(text), 'it')
  } catch (cause) {
    // What a parser says of bad JSON repeats some of it.
    if (cause instanceof SyntaxError) throw fromAnswer(statusCode, 'it is not JSON', describe(request))
    throw fromAnswer(statusCode, messageOf(cause), describe(request), cause)
  }
}

function describe({ method = 'GET', path }: CloudRequest): string {
  return requestLine(method, path)
}
