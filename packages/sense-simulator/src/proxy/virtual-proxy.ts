/** One way in through the proxy. A ticket opens each of them, and so does the cookie of a session. */
export interface VirtualProxySeed {
  /** First part of the path; the default virtual proxy has none. @defaultValue '' */
  readonly prefix?: string
  /** Lets in who says a user's name in this header: `DIRECTORY\id`, or an id of `userDirectory`. @defaultValue no such header */
  readonly headerName?: string
  /** The directory of users whose name comes without one. @defaultValue 'LAB' */
  readonly userDirectory?: string
  /** Lets in who has a token signed with this key: PEM of a public key (RS256, ES256), or a secret (HS256). @defaultValue no tokens */
  readonly jwtKey?: string
  /** @defaultValue 'X-Qlik-Session', with `-` and the prefix where there is one */
  readonly sessionCookie?: string
  /** Minutes without a request after which a session is over. @defaultValue 30 */
  readonly sessionTimeout?: number
  /** Whether writing and websockets need a token against cross-site requests. @defaultValue false */
  readonly csrf?: boolean
  /** Origins from which websockets are let in; with `csrf`, any other is refused. @defaultValue none */
  readonly allowedOrigins?: readonly string[]
}

/** The name of a virtual proxy's cookie. */
export function cookieName({ prefix = '', sessionCookie }: VirtualProxySeed): string {
  return sessionCookie ?? (prefix === '' ? 'X-Qlik-Session' : `X-Qlik-Session-${prefix}`)
}

/** A path as it is behind its virtual proxy; undefined where no virtual proxy takes it. */
export function findVirtualProxy(
  proxies: readonly VirtualProxySeed[],
  url: string,
): { readonly proxy: VirtualProxySeed; readonly url: string } | undefined {
  const first = /^\/([^/?]*)/.exec(url)?.[1] ?? ''
  const named = proxies.find(({ prefix = '' }) => prefix !== '' && prefix.toLowerCase() === first.toLowerCase())
  if (named) return { proxy: named, url: url.slice(first.length + 1) || '/' }
  const plain = proxies.find(({ prefix = '' }) => prefix === '')
  return plain && { proxy: plain, url }
}
