import { headerValue, throughProxy, type ProxyAuth, type VirtualProxyOptions } from './auth.js'

/** A JSON web token, and the virtual proxy that takes it. */
export interface JwtOptions extends VirtualProxyOptions {
  /** The token, or what gives one: asked again when the proxy has ended the session, so it may be short-lived. */
  readonly token: string | (() => string | Promise<string>)
}

/**
 * Authentication with a JSON web token through a virtual proxy of that kind. User and groups are in the token's claims.
 *
 * @throws {@link SenseError} `SENSE_OPTION` for an option that cannot be used
 * @see Qlik Sense for administrators: JWT authentication
 */
export function jwt({ token, ...options }: JwtOptions): ProxyAuth {
  if (typeof token === 'string') headerValue('token', token)
  return {
    kind: 'jwt',
    ...throughProxy(options),
    prove: async () => {
      const value = typeof token === 'string' ? token : await token()
      return { headers: { authorization: `Bearer ${headerValue('token', value)}` } }
    },
  }
}
