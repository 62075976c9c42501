import type { Identity, ProofHeaders } from '../auth/identity.js'
import { QrsError } from '../errors.js'
import type { QrsClient } from '../qrs/client.js'

/** What websockets through a proxy need. */
export interface WebsocketAddressOptions {
  readonly client: QrsClient
  readonly identity: Identity
  /** `wss://host:port/prefix`. */
  readonly base: string
  /** What the `Origin` header says. */
  readonly origin: string
}

const tokenHeader = 'qlik-csrf-token'

/**
 * The way to the engine through a proxy: with the session's cookie, an `Origin` that the virtual proxy allows, and the token that newer ones
 * want against cross-site websockets. A proxy that has none to give wants none.
 *
 * @see Qlik Sense November 2024, virtual proxies: cross-site request forgery of websockets
 */
export function websocketAddress({ client, identity, base, origin }: WebsocketAddressOptions) {
  return async (path: string): Promise<{ readonly url: string; readonly headers: ProofHeaders }> => {
    const token = await fetchToken()
    const proof = await identity.headers()
    // With a session the cookie alone speaks: the token belongs to it, not to what began it.
    const headers = proof['cookie'] === undefined ? proof : { cookie: proof['cookie'] }
    return {
      url: `${base}/${path}${token === undefined ? '' : `?${tokenHeader}=${encodeURIComponent(token)}`}`,
      headers: { ...headers, origin },
    }
  }

  async function fetchToken(): Promise<string | undefined> {
    try {
      return await client.header({ path: '/qps/csrftoken' }, tokenHeader)
    } catch (error) {
      if (error instanceof QrsError && error.code === 'QRS_STATUS' && error.status !== undefined && error.status < 500) return undefined
      throw error
    }
  }
}
