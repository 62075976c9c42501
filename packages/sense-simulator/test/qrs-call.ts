import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import type { SimulatedSense } from '@butlerkit/sense-simulator'

/** What the site answered. `json` throws when the body is none. */
export interface Reply {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly headers: IncomingHttpHeaders
  json(): any
}

/** What a call may do differently from a proper one. */
export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  /** Query string as it stands, after the key. */
  readonly rawQuery?: string
  /** Sent as JSON, a Buffer as it is. */
  readonly body?: unknown
  /** @defaultValue the site's client certificate */
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string }
}

export const xrfkey = '0123456789abcdef'

/** What a proper call carries. */
export const properHeaders = { 'X-Qlik-Xrfkey': xrfkey, 'X-Qlik-User': 'UserDirectory=INTERNAL; UserId=sa_api' }

/** A proper call by hand, `get /app/full`: an oracle that shares nothing with our client. */
export function qrs(site: SimulatedSense, methodAndPath: string, options: CallOptions = {}): Promise<Reply> {
  const [method = '', path = ''] = methodAndPath.split(' ')
  const query = [`xrfkey=${xrfkey}`, ...Object.entries(options.query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)]
  if (options.rawQuery !== undefined) query.push(options.rawQuery)
  return send(site, { ...options, method, path: `/qrs${path}?${query.join('&')}` })
}

/** A request as it stands, proper or not. */
export function send(
  site: Pick<SimulatedSense, 'host' | 'port' | 'certificates'>,
  { method, path, headers, body, tls = site.certificates }: CallOptions & { method: string; path: string },
) {
  return new Promise<Reply>((resolve, reject) => {
    const outgoing = request({
      host: site.host,
      port: site.port,
      method: method.toUpperCase(),
      path,
      ca: tls.ca,
      cert: tls.cert,
      key: tls.key,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(headers ?? properHeaders) },
      agent: false,
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('error', reject)
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({
          status: incoming.statusCode ?? 0,
          type: incoming.headers['content-type'] ?? '',
          text,
          headers: incoming.headers,
          json: () => JSON.parse(text) as unknown,
        })
      })
    })
    outgoing.end(body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body))
  })
}
