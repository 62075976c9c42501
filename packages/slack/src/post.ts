import type { Clock } from '@butlerkit/core'
import { request, type Dispatcher } from 'undici'
import { SlackError } from './errors.js'
import { parseRetryAfter } from './retry-after.js'

/** What one post needs beside its address and body. */
export interface PostOptions {
  readonly name: string
  readonly dispatcher: Dispatcher
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** Why a post did not succeed, and whether Slack cannot have posted the message, so that it may be sent again. */
export interface PostFailure {
  readonly error: SlackError
  readonly mayRepeat: boolean
  /** How long Slack asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined
}

/** The request never left: no connection came about. */
const neverSent = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])
/** Slack's answers are a word; this much is read of any other. */
const maxAnswerBytes = 1_024

/**
 * Posts once. Redirects are not followed.
 *
 * @returns nothing once Slack has taken the message, else what failed
 * @throws the signal's reason when it aborts first
 */
export async function post(url: URL, body: string, options: PostOptions): Promise<PostFailure | undefined> {
  const { name, dispatcher, clock, timeoutMs, signal } = options
  const timeout = new AbortController()
  const cancel = clock.schedule(() => timeout.abort(), timeoutMs)
  try {
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body,
      dispatcher,
      signal: signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal,
      // A connection of its own: one kept from earlier may break under the message, and then nobody knows whether it was posted.
      reset: true,
    })
    const { statusCode: status, headers, body: answer } = response
    if (status >= 200 && status < 300) {
      // The status has told it all; what is left of the answer is let go, whether it ends or not.
      answer.dump({ limit: maxAnswerBytes }).catch(() => {})
      return undefined
    }
    const text = wordOf(await readStart(answer), url)
    const retryAfterMs = parseRetryAfter(headers['retry-after'], clock.now())
    const mayRepeat = status === 429 || status === 503
    return { error: refusal(name, status, text, retryAfterMs), mayRepeat, retryAfterMs }
  } catch (error) {
    signal?.throwIfAborted()
    if (timeout.signal.aborted) {
      const late = new SlackError('SLACK_TIMEOUT', `${name}: ${url.host} did not answer within ${timeoutMs} ms`)
      return { error: late, mayRepeat: false, retryAfterMs: undefined }
    }
    const reason = codeOf(error)
    const unreachable = new SlackError('SLACK_UNREACHABLE', `${name}: ${url.host} did not answer: ${reason}`, { reason })
    return { error: unreachable, mayRepeat: neverSent.has(reason), retryAfterMs: undefined }
  } finally {
    cancel()
  }
}

function refusal(name: string, status: number, answer: string, retryAfterMs: number | undefined): SlackError {
  const facts = { status, ...(answer && { answer }), ...(retryAfterMs !== undefined && { retryAfterMs }) }
  if (status !== 429) return new SlackError('SLACK_REFUSED', `${name}: answered ${status}${answer && ` ${answer}`}`, facts)
  const wait = retryAfterMs === undefined ? '' : `, asked to wait ${retryAfterMs} ms`
  return new SlackError('SLACK_RATE_LIMITED', `${name}: answered 429${wait}`, facts)
}

/** The answer's first bytes. One that breaks off gives what came until then: the status has already told what matters. */
async function readStart(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= maxAnswerBytes) break
    }
  } catch {}
  return Buffer.concat(chunks).toString('utf8', 0, maxAnswerBytes)
}

/** The answer where it is a word like `invalid_payload`. Any other, such as a proxy's error page, may repeat the secret URL. */
function wordOf(answer: string, url: URL): string {
  const word = answer.trim()
  const secrets = url.pathname.split('/').filter((part) => part.length >= 6)
  return /^[\w .,:-]{1,200}$/.test(word) && !secrets.some((secret) => word.includes(secret)) ? word : ''
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : 'UNKNOWN'
}
