import { headerValue } from '../auth/auth.js'

/** How a client proves who it is to Qlik Cloud: made by `apiKey` or `oauth`. Printing one shows no secret. */
export interface CloudAuth {
  readonly kind: 'api-key' | 'oauth'
  /** Whether asking again may give another token. */
  readonly isRenewable: boolean
  /** Gives a token: for the client, not for printing. @param exchange - posts to the tenant's `/oauth/token` */
  token(exchange: TokenExchange): Promise<AccessToken> | AccessToken
}

/** Posts a request for a token to the tenant. */
export type TokenExchange = (grant: Readonly<Record<string, string>>) => Promise<AccessToken>

/** What goes behind `Authorization: Bearer`. */
export interface AccessToken {
  readonly value: string
  /** How long it is good for from now on, in milliseconds; `undefined` where nobody says. */
  readonly lifetimeMs: number | undefined
}

/**
 * Authentication with an API key: the rights are those of the user it was made by.
 *
 * @param key - the key, or what gives one: asked again when Qlik Cloud no longer takes the one before
 * @throws {@link SenseError} `SENSE_OPTION` for what cannot be a key
 * @see qlik.dev: Manage API keys
 */
export function apiKey(key: string | (() => string | Promise<string>)): CloudAuth {
  if (typeof key === 'string') headerValue('key', key)
  return {
    kind: 'api-key',
    isRenewable: typeof key === 'function',
    token: async () => ({ value: typeof key === 'string' ? key : headerValue('key', await key()), lifetimeMs: undefined }),
  }
}

/** An OAuth client of the type "Web" with machine-to-machine allowed. */
export interface OAuthOptions {
  readonly clientId: string
  readonly clientSecret: string
  /** Scopes, with blanks between them. @defaultValue what the OAuth client has */
  readonly scope?: string | undefined
}

/**
 * Authentication from machine to machine: an OAuth client gets tokens that are good for some hours, renewed before their end.
 *
 * @throws {@link SenseError} `SENSE_OPTION` for an option that cannot be used
 * @see qlik.dev: Get started with OAuth machine-to-machine
 */
export function oauth({ clientId, clientSecret, scope }: OAuthOptions): CloudAuth {
  const grant = {
    grant_type: 'client_credentials',
    client_id: headerValue('clientId', clientId),
    client_secret: headerValue('clientSecret', clientSecret),
    ...(scope !== undefined && { scope: headerValue('scope', scope) }),
  }
  return { kind: 'oauth', isRenewable: true, token: (exchange) => exchange(grant) }
}
