import { Agent as HttpAgent, request, type ClientRequestArgs } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'

/**
 * An agent whose connections lead through an HTTP proxy.
 *
 * @param secure - whether the far end speaks TLS, which the proxy does not see into
 * @see RFC 9110, section 9.3.6
 */
export function createProxyAgent(proxy: URL, secure: boolean): HttpAgent {
  const agent = secure ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false })
  const createConnection = (options: ClientRequestArgs & ConnectionOptions, done: (error: Error | null, socket?: Socket) => void) => {
    const host = options.host ?? 'localhost'
    const tunnel = request({
      host: proxy.hostname,
      port: proxy.port === '' ? 80 : Number(proxy.port),
      method: 'CONNECT',
      path: `${host.includes(':') ? `[${host}]` : host}:${options.port}`,
      headers: proxyAuthorization(proxy),
    })
    tunnel.once('connect', ({ statusCode }, socket: Socket) => {
      if (statusCode === 200) return done(null, secure ? connectTls({ ...options, socket }) : socket)
      socket.destroy()
      done(new Error(`the proxy ${proxy.host} answered ${statusCode}`))
    })
    tunnel.once('error', done)
    tunnel.end()
  }
  return Object.assign(agent, { createConnection })
}

function proxyAuthorization({ username, password }: URL): { readonly 'proxy-authorization'?: string } {
  if (username === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}
