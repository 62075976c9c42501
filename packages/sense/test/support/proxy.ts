import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCertificateAuthority } from '@butlerkit/sense-simulator'

/** A Sense proxy that believes some requests and hands out sessions. */
export interface TestProxy extends AsyncDisposable {
  readonly port: number
  readonly server: Server
  readonly ca: string
  /** What was asked, oldest first, as `METHOD path` without the query. */
  readonly asked: readonly string[]
  readonly requests: readonly IncomingMessage[]
  /** How many sessions were begun. */
  readonly sessions: number
  /** Forgets all sessions. */
  forget(): void
}

/** How a {@link TestProxy} behaves. */
export interface TestProxyOptions {
  /** Whether a request without a session is let in. */
  believes(request: IncomingMessage, url: URL): boolean
  /** @defaultValue '' */
  readonly prefix?: string
  /** Whether sessions are kept by a cookie. @defaultValue true */
  readonly cookies?: boolean
  /** Whether `answer` reads the body. @defaultValue false */
  readonly keepBody?: boolean
  /** What strangers get. @defaultValue a redirect */
  stranger?(response: ServerResponse): void
  /** What those who are let in get. @defaultValue `about` */
  answer?(response: ServerResponse, url: URL, request: IncomingMessage): void
}

/** Starts a {@link TestProxy} on a free port. */
export async function startProxy(options: TestProxyOptions): Promise<TestProxy> {
  const { believes, prefix = '', cookies = true, keepBody = false } = options
  const stranger = options.stranger ?? ((response) => void response.writeHead(302, { location: '/login' }).end())
  const answer = options.answer ?? ((response) => void response.end(JSON.stringify({ buildVersion: '1.0' })))
  const authority = await createCertificateAuthority()
  const { cert, key } = await authority.issue({ commonName: 'proxy', hosts: ['127.0.0.1'] })
  const requests: IncomingMessage[] = []
  const live = new Set<string>()
  let sessions = 0
  const server = createServer({ cert, key }, (request, response) => {
    requests.push(request)
    const url = new URL(request.url ?? '', 'https://proxy')
    if (!keepBody) request.resume()
    if (!url.pathname.startsWith(`${prefix}/`)) return void response.writeHead(404).end()
    const known = /X-Qlik-Session=(\w+)/.exec(request.headers.cookie ?? '')?.[1]
    if (known !== undefined && live.has(known)) return answer(response, url, request)
    if (!believes(request, url)) return stranger(response)
    const id = `canarysession${++sessions}`
    live.add(id)
    if (cookies) response.setHeader('set-cookie', `X-Qlik-Session=${id}; Path=/; HttpOnly; Secure`)
    return answer(response, url, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    server,
    ca: authority.ca,
    requests,
    get asked() {
      return requests.map(({ method, url }) => `${method} ${url?.split('?', 1)[0]}`)
    },
    get sessions() {
      return sessions
    },
    forget: () => live.clear(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
