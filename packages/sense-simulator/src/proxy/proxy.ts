import type { IncomingHttpHeaders } from 'node:http'
import type { Engine } from '../engine/engine.js'
import { json, noContent, parseQuery, Refusal, splitUrl, text, type Answer, type Service, type SiteRequest } from '../http/answer.js'
import { refuseUpgrade } from '../http/disturb-upgrade.js'
import type { Upgrade } from '../http/https-listener.js'
import { readJwt } from './jwt.js'
import type { ProxySession, ProxySessions } from './proxy-sessions.js'
import { cookieName, findVirtualProxy, type VirtualProxySeed } from './virtual-proxy.js'

/** What a proxy stands in front of. */
export interface ProxyOptions {
  readonly proxies: readonly VirtualProxySeed[]
  readonly sessions: ProxySessions
  readonly repository: Service
  readonly engine: Engine
  /** Lets a user in who has proved who it is, unknown ones too. @throws `Refusal` 403 for who is inactive */
  readonly admit: (directory: string, id: string) => string
  readonly now: () => number
}

/** The proxy service. */
export interface Proxy {
  readonly service: Service
  readonly upgrade: Upgrade
}

/** A session, and whether it has just begun: then its cookie goes with the answer. */
interface Entry {
  readonly session: ProxySession
  readonly isNew: boolean
}

/** Makes the proxy: who is logged in, or can, goes on to the repository and the engine as that user. */
export function createProxy({ proxies, sessions, repository, engine, admit, now }: ProxyOptions): Proxy {
  return {
    service(request) {
      const found = findVirtualProxy(proxies, request.url)
      if (found === undefined) return text(404, 'Not found')
      return serve(found.proxy, { ...request, url: found.url })
    },
    upgrade(request, socket, head) {
      const found = findVirtualProxy(proxies, request.url ?? '')
      if (found === undefined) return refuseUpgrade(socket, 404)
      const { proxy, url } = found
      request.url = url
      try {
        const query = parseQuery(splitUrl(url).search)
        const entry = logIn(proxy, request.headers, query)
        if (entry === undefined) return engine.turnAway(request, socket, head, loginUri(proxy, request.headers))
        const { origin } = request.headers
        const isForeign = origin === undefined || !(proxy.allowedOrigins ?? []).includes(origin)
        if (proxy.csrf === true && (isForeign || query.get('qlik-csrf-token') !== entry.session.csrfToken))
          return refuseUpgrade(socket, 403)
        engine.connect(request, socket, head, { user: entry.session.user, logoutUri: `${base(proxy, request.headers)}/qps/user` })
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        refuseUpgrade(socket, error.status)
      }
    },
  }

  function serve(proxy: VirtualProxySeed, request: SiteRequest): Answer {
    const { method, headers, url } = request
    const { path, search } = splitUrl(url)
    if (/^\/internal_forms_authentication\b/i.test(path)) return loginPage
    const entry = logIn(proxy, headers, parseQuery(search))
    if (entry === undefined) return toLogIn(proxy, request)
    const answer = serveUser(proxy, entry.session, request, path.toLowerCase())
    if (!entry.isNew) return answer
    const cookie = `${cookieName(proxy)}=${entry.session.id}; Path=/; HttpOnly; Secure; SameSite=None`
    return { ...answer, headers: { ...answer.headers, 'set-cookie': cookie, ...(method === 'GET' ? { 'cache-control': 'no-store' } : {}) } }
  }

  function serveUser(proxy: VirtualProxySeed, session: ProxySession, request: SiteRequest, path: string): Answer {
    const { method, headers } = request
    if (path === '/qps/csrftoken' && method === 'GET') return { ...noContent, headers: { 'qlik-csrf-token': session.csrfToken } }
    if (proxy.csrf === true && method !== 'GET' && headers['qlik-csrf-token'] !== session.csrfToken) throw new Refusal(403, 'Access denied')
    if (path === '/qps/user' && method === 'DELETE') {
      sessions.end((other) => other.proxy === proxy && other.user === session.user)
      engine.logOut(session.user)
      return noContent
    }
    if (path === '/engine/healthcheck' && method === 'GET') return json(200, engine.healthcheck())
    const [directory = '', id = ''] = session.user.split('\\', 2)
    // What the client says of itself in this header counts for nothing here.
    const trusted = { ...headers, 'x-qlik-user': `UserDirectory=${encodeURIComponent(directory)}; UserId=${encodeURIComponent(id)}` }
    return repository({ ...request, headers: trusted })
  }

  /** @throws `Refusal` 401 for proof that is no good, 403 for a user who is not let in */
  function logIn(proxy: VirtualProxySeed, headers: IncomingHttpHeaders, query: ReadonlyMap<string, string>): Entry | undefined {
    const known = sessions.find(proxy, headers.cookie)
    if (known) return { session: known, isNew: false }
    const user = byToken(proxy, headers) ?? byHeader(proxy, headers) ?? byTicket(proxy, query)
    return user === undefined ? undefined : { session: sessions.begin(user, proxy), isNew: true }
  }

  function byToken({ jwtKey }: VirtualProxySeed, { authorization }: IncomingHttpHeaders): string | undefined {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) return undefined
    const user = jwtKey === undefined ? undefined : readJwt(token, jwtKey, now())
    if (user === undefined) throw new Refusal(401, 'Unauthorized')
    return admit(user.userDirectory, user.userId)
  }

  function byHeader({ headerName, userDirectory = 'LAB' }: VirtualProxySeed, headers: IncomingHttpHeaders): string | undefined {
    const value = headerName === undefined ? undefined : headers[headerName.toLowerCase()]
    if (typeof value !== 'string' || value === '') return undefined
    const [first = '', second] = value.split('\\', 2)
    return second === undefined ? admit(userDirectory, first) : admit(first, second)
  }

  function byTicket(proxy: VirtualProxySeed, query: ReadonlyMap<string, string>): string | undefined {
    const ticket = query.get('qlikticket')
    return ticket === undefined ? undefined : sessions.useTicket(ticket, proxy)
  }
}

const loginPage: Answer = {
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!DOCTYPE html><html><head><title>Qlik Sense</title></head><body><form method="post"><input name="username"></form></body></html>',
}

// A page may be sent to the form; who writes, or asks for data, has no use for it.
function toLogIn(proxy: VirtualProxySeed, { method, headers }: SiteRequest): Answer {
  if (method !== 'GET' || headers['x-requested-with'] !== undefined || proxy.jwtKey !== undefined) return text(401, 'Unauthorized')
  return { ...text(302, ''), headers: { location: loginUri(proxy, headers) } }
}

function loginUri(proxy: VirtualProxySeed, headers: IncomingHttpHeaders): string {
  return `${base(proxy, headers)}/internal_forms_authentication/`
}

function base({ prefix = '' }: VirtualProxySeed, { host = 'localhost' }: IncomingHttpHeaders): string {
  return `https://${host}${prefix === '' ? '' : `/${prefix}`}`
}
