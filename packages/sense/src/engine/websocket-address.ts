import type { Identity, ProofHeaders } from '../auth/identity.js'
import { csrfHeader } from '../auth/proxy-identity.js'

/**
 * The way to the engine through a proxy: with the session's cookie, an `Origin` that the virtual proxy allows, and its token against
 * cross-site websockets, which goes into the query.
 *
 * @param base - `wss://host:port/prefix`
 */
export function websocketAddress(identity: Identity, base: string, origin: string) {
  return async (path: string): Promise<{ readonly url: string; readonly headers: ProofHeaders }> => {
    const { [csrfHeader]: token, ...proof } = await identity.headers()
    const query = token === undefined ? '' : `?${csrfHeader}=${encodeURIComponent(token)}`
    // With a session the cookie alone speaks: the token belongs to it, not to what began it.
    const headers = proof['cookie'] === undefined ? proof : { cookie: proof['cookie'] }
    return { url: `${base}/${path}${query}`, headers: { ...headers, origin } }
  }
}
