import type { IncomingHttpHeaders } from 'node:http'
import { json, Refusal, type Answer } from '../http/answer.js'

/** Who is let in on a tenant. */
export interface CloudTokens {
  readonly apiKey: string
  readonly oauthClient: { readonly clientId: string; readonly clientSecret: string }
  /** Gives out a token: `POST /oauth/token`. @throws `Refusal` */
  exchange(body: unknown): Answer
  /** @throws `Refusal` 401 */
  demand(headers: IncomingHttpHeaders): void
  /** No token that has been given out is good any more. */
  expire(): void
}

/** Makes the key, the OAuth client and the tokens of a tenant. */
export function createCloudTokens(guid: () => string, now: () => number, lifetimeMs: number): CloudTokens {
  const apiKey = `key-${guid()}`
  const oauthClient = { clientId: `client-${guid()}`, clientSecret: `secret-${guid()}` }
  const expiries = new Map<string, number>()
  return {
    apiKey,
    oauthClient,
    exchange(body) {
      const { grant_type: grant, client_id: id, client_secret: secret, scope = 'user_default' } = body as Record<string, unknown>
      if (grant !== 'client_credentials') throw new Refusal(400, 'Unsupported grant type')
      if (id !== oauthClient.clientId || secret !== oauthClient.clientSecret) throw new Refusal(401, 'Invalid client credentials')
      const token = `token-${guid()}`
      expiries.set(token, now() + lifetimeMs)
      const expiresAt = new Date(now() + lifetimeMs).toISOString()
      return json(200, { access_token: token, token_type: 'bearer', expires_in: lifetimeMs / 1_000, expires_at: expiresAt, scope })
    },
    demand({ authorization }) {
      const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? ''
      if (token !== apiKey && (expiries.get(token) ?? 0) <= now()) throw new Refusal(401, 'Unauthorized')
    },
    expire: () => expiries.clear(),
  }
}
