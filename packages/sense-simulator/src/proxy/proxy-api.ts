import { boxed, json, parseQuery, Refusal, splitUrl, type Answer, type Service } from '../http/answer.js'
import type { Gate } from '../qrs/gate.js'
import type { ProxySessions } from './proxy-sessions.js'
import type { VirtualProxySeed } from './virtual-proxy.js'

/** What the proxy API works with. */
export interface ProxyApiOptions {
  readonly proxies: readonly VirtualProxySeed[]
  readonly sessions: ProxySessions
  /** A client certificate is needed, and the anti-forgery pair; who calls does not matter. */
  readonly checkKey: (...call: Parameters<Gate>) => void
  readonly admit: (directory: string, id: string) => string
}

/**
 * Makes the proxy API, on a port of its own (4243 on a live site): `POST /qps/[<prefix>/]ticket`, and `GET` and `DELETE` of sessions.
 *
 * @see Qlik Sense Proxy Service API
 */
export function createProxyApi({ proxies, sessions, checkKey, admit }: ProxyApiOptions): Service {
  return ({ method, url, headers, body }) => {
    const { path, search } = splitUrl(url)
    checkKey(headers, parseQuery(search))
    const [, prefix = '', what = '', id] = /^\/qps(?:\/([^/]+))?\/(ticket|session)(?:\/([^/]+))?\/?$/i.exec(path) ?? []
    const proxy = proxies.find((candidate) => (candidate.prefix ?? '').toLowerCase() === prefix.toLowerCase())
    const isTicket = what.toLowerCase() === 'ticket'
    if (proxy === undefined || what === '') throw new Refusal(404, 'Not found')
    if (isTicket && method === 'POST' && id === undefined) return ticket(proxy, body)
    if (!isTicket && method === 'GET') return listSessions(proxy, id)
    if (!isTicket && method === 'DELETE' && id !== undefined) return endSession(proxy, id)
    throw new Refusal(404, 'Not found')
  }

  function ticket(proxy: VirtualProxySeed, body: Buffer): Answer {
    const { UserDirectory, UserId, TargetId, Attributes = [] } = parse(body)
    if (typeof UserDirectory !== 'string' || typeof UserId !== 'string') throw new Refusal(400, 'Invalid JSON')
    // Seen on live sites: the whole name goes into one of the two, and the ticket opens nothing.
    if (UserDirectory.includes('\\') || UserId.includes('\\')) throw new Refusal(400, 'Invalid property: UserId')
    const Ticket = sessions.issueTicket(admit(UserDirectory, UserId), proxy)
    return json(201, { UserDirectory, UserId, Attributes, Ticket, TargetUri: typeof TargetId === 'string' ? TargetId : null })
  }

  function listSessions(proxy: VirtualProxySeed, id: string | undefined): Answer {
    const all = sessions.all(proxy).map((session) => {
      const [UserDirectory = '', UserId = ''] = session.user.split('\\', 2)
      return { UserDirectory, UserId, Attributes: [], SessionId: session.id }
    })
    if (id === undefined) return json(200, all)
    const found = all.find(({ SessionId }) => SessionId === id.toLowerCase())
    if (found === undefined) throw new Refusal(404, 'Not found')
    return json(200, found)
  }

  function endSession(proxy: VirtualProxySeed, id: string): Answer {
    if (sessions.end((session) => session.proxy === proxy && session.id === id.toLowerCase()) === 0) throw new Refusal(404, 'Not found')
    return boxed(200, id)
  }
}

function parse(body: Buffer): Record<string, unknown> {
  try {
    return Object(JSON.parse(body.toString())) as Record<string, unknown>
  } catch {
    throw new Refusal(400, 'Invalid JSON')
  }
}
