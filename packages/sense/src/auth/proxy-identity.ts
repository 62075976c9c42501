import { randomBytes } from 'node:crypto'
import type { Clock } from '@butlerkit/core'
import type { Dispatcher } from 'undici'
import type { AnswerHeaders } from '../http/answer.js'
import { exchange } from '../http/exchange.js'
import { fromStatus } from '../http/failure.js'
import type { LoginProof, LoginSite, ProxyAuth } from './auth.js'
import { createCookieJar, type CookieJar } from './cookie-jar.js'
import { withoutProof, withoutSecrets, type Identity, type ProofHeaders } from './identity.js'

/** What logging in through a virtual proxy needs. */
export interface ProxyIdentityOptions {
  readonly auth: ProxyAuth
  readonly site: LoginSite
  /** Scheme, host and port of the proxy. */
  readonly origin: string
  readonly dispatcher: Dispatcher
  readonly clock: Clock
}

/** On requests a header, on websockets a part of the query. @see Qlik Sense November 2024, virtual proxies: cross-site request forgery */
export const csrfHeader = 'qlik-csrf-token'

interface Session {
  readonly jar: CookieJar
  readonly proof: LoginProof
  /** Against cross-site requests; `undefined` where the proxy has none. */
  readonly token: string | undefined
  headers: ProofHeaders
}

/**
 * A session with a virtual proxy: begun with one GET (a proxy takes nothing else from strangers), kept by its cookie, and begun anew when
 * the proxy no longer knows it. Without the cookie every request would be a session of its own, and a user may have five.
 */
export function proxyIdentity({ auth, site, origin, dispatcher, clock }: ProxyIdentityOptions): Identity {
  const prefix = auth.virtualProxy === '' ? '' : `/${auth.virtualProxy}`
  let session: Session | undefined
  let loggingIn: Promise<ProofHeaders> | undefined

  return {
    prefix,
    headers: () => session?.headers ?? (loggingIn ??= login().finally(() => (loggingIn = undefined))),
    answered(headers) {
      if (session !== undefined && session.jar.take(headers)) session.headers = headersOf(session)
    },
    expire(used) {
      // Somebody else may have logged in again since.
      if (session?.headers === used) session = undefined
      return true
    },
  }

  async function login(): Promise<ProofHeaders> {
    const proof = await auth.prove(site)
    const jar = createCookieJar(proof.cookie)
    const begun: Session = { jar, proof, token: undefined, headers: {} }
    if (proof.cookie === undefined) await begin(begun)
    const token = await fetchToken(begun)
    session = { jar, proof, token, headers: headersOf({ ...begun, token }) }
    return session.headers
  }

  /** What newer proxies want against requests from other sites. One that has none to give wants none; whether the session is good shows later. */
  async function fetchToken(begun: Session): Promise<string | undefined> {
    const path = `${prefix}/qps/csrftoken`
    const request = {
      dispatcher,
      origin,
      method: 'GET',
      path,
      headers: headersOf(begun),
      timeoutMs: site.timeoutMs,
      clock,
      shown: `GET ${path}`,
    } as const
    const { statusCode, headers } = await exchange(request)
    begun.jar.take(headers)
    const token = headers[csrfHeader]
    return statusCode < 300 && typeof token === 'string' ? token : undefined
  }

  async function begin(begun: Session): Promise<void> {
    const shown = `GET ${prefix}/qrs/about`
    const xrfkey = randomBytes(8).toString('hex')
    const query = new URLSearchParams({ ...begun.proof.query, xrfkey }).toString()
    const headers = { ...begun.proof.headers, 'x-qlik-xrfkey': xrfkey }
    const request = { dispatcher, origin, method: 'GET', path: `${prefix}/qrs/about?${query}`, headers, timeoutMs: site.timeoutMs } as const
    const answer = await exchange({ ...request, clock, shown })
    const hasSession = begun.jar.take(answer.headers)
    // A ticket is taken off the address by a redirect that brings the cookie.
    const isLogin =
      answer.statusCode >= 300 && answer.statusCode < 400 ? !(hasSession && begun.proof.query !== undefined) : isHtml(answer.headers)
    const clean = withoutSecrets(withoutProof(answer.text, headersOf(begun)), [xrfkey, ...Object.values(begun.proof.query ?? {})])
    if (isLogin) throw fromStatus(401, '', shown)
    if (answer.statusCode >= 400) throw fromStatus(answer.statusCode, clean, shown)
  }
}

/** Whether an answer is a page for people, which from QRS only a log-in page can be. */
export function isHtml(headers: AnswerHeaders): boolean {
  return String(headers['content-type']).startsWith('text/html')
}

function headersOf({ jar, proof, token }: Session): ProofHeaders {
  const cookie = jar.header()
  return { ...proof.headers, ...(cookie !== undefined && { cookie }), ...(token !== undefined && { [csrfHeader]: token }) }
}
