import { headerValue, throughProxy, type ProxyAuth, type VirtualProxyOptions } from './auth.js'

/** A session that somebody else has begun. */
export interface SessionOptions extends VirtualProxyOptions {
  /**
   * The cookie, `X-Qlik-Session-prefix=…`, or what gives one: the place for ways to log in that are not here, such as NTLM or SAML. Asked
   * again when the proxy has ended the session (after 30 minutes without use, by default).
   */
  readonly cookie: string | (() => string | Promise<string>)
}

/**
 * Authentication with the cookie of a proxy session.
 *
 * @throws {@link SenseError} `SENSE_OPTION` for an option that cannot be used
 */
export function session({ cookie, ...options }: SessionOptions): ProxyAuth {
  if (typeof cookie === 'string') headerValue('cookie', cookie)
  return {
    kind: 'session',
    ...throughProxy(options),
    prove: async () => ({ cookie: headerValue('cookie', typeof cookie === 'string' ? cookie : await cookie()) }),
  }
}
