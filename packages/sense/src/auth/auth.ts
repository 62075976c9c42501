import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import { messageOf } from '@butlerkit/core'
import { SenseError } from '../errors.js'

/** How a client proves who it is: made by `certificate`, `jwt`, `header`, `session` or `ticket`. Printing one shows no secret. */
export type SenseAuth = CertificateAuth | ProxyAuth

/** A client certificate: straight to the services, without a proxy. */
export interface CertificateAuth {
  readonly kind: 'certificate'
  /** Client certificate, its key and the authority to trust, ready for TLS. Keys in it cannot be read back. */
  readonly secureContext: SecureContext
}

/** Anything that goes through a virtual proxy. */
export interface ProxyAuth {
  readonly kind: 'jwt' | 'header' | 'session' | 'ticket'
  /** Prefix of the virtual proxy; empty for the default one. */
  readonly virtualProxy: string
  /** The authority to trust. */
  readonly secureContext: SecureContext
  /** `Origin` of websockets. */
  readonly origin: string | undefined
  /** Gives what the next log-in needs: for the client, not for printing. Asked again when the proxy has ended the session. */
  prove(site: LoginSite): Promise<LoginProof> | LoginProof
}

/** Where a log-in goes. */
export interface LoginSite {
  readonly host: string
  /** Port of the proxy's API, where tickets come from. */
  readonly proxyApiPort: number
  readonly timeoutMs: number
  readonly connectTimeoutMs: number
}

/** What proves who asks. */
export interface LoginProof {
  /** On every request, beside the session's cookie. */
  readonly headers?: Readonly<Record<string, string>>
  /** On the one request that begins the session. */
  readonly query?: Readonly<Record<string, string>>
  /** A session that exists already: nothing to begin. */
  readonly cookie?: string
}

/** What every way through a virtual proxy takes. */
export interface VirtualProxyOptions {
  /** Prefix of the virtual proxy, as in the QMC: letters, digits and `-_/.`. @defaultValue the default virtual proxy */
  readonly virtualProxy?: string | undefined
  /** PEM text of the authority that signed the proxy's certificate, where it is no public one: Sense's own `root.pem`. */
  readonly ca?: string | Uint8Array | undefined
  /** `Origin` that websockets carry; must be on the virtual proxy's host allow-list. @defaultValue `https://<host>` */
  readonly origin?: string | undefined
}

/**
 * Checks what all proxy modes share.
 *
 * @throws {@link SenseError} `SENSE_OPTION`, or `SENSE_CERTIFICATE` for an authority that is not PEM
 */
export function throughProxy(options: VirtualProxyOptions): Pick<ProxyAuth, 'virtualProxy' | 'secureContext' | 'origin'> {
  const { virtualProxy = '', ca, origin } = options
  if (!/^(?:[\w.-]+(?:\/[\w.-]+)*)?$/.test(virtualProxy) || /(?:^|\/)\.\.?(?:\/|$)/.test(virtualProxy)) {
    throw new SenseError('SENSE_OPTION', 'virtualProxy must be a prefix as in the QMC, without slashes around it')
  }
  return { virtualProxy, origin, secureContext: trusting(ca) }
}

/**
 * Trusts one authority, or those that Node trusts.
 *
 * @throws {@link SenseError} `SENSE_CERTIFICATE` for what is not PEM
 */
export function trusting(ca: string | Uint8Array | undefined): SecureContext {
  try {
    if (ca === undefined) return createSecureContext()
    const pem = Buffer.from(ca as Uint8Array)
    // TLS passes over what it cannot read, and would then trust nobody.
    void new X509Certificate(pem)
    return createSecureContext({ ca: pem })
  } catch (cause) {
    throw new SenseError('SENSE_CERTIFICATE', `the authority's certificate cannot be used: ${messageOf(cause)}`, { cause })
  }
}

/**
 * Text that may stand in an HTTP header.
 *
 * @throws {@link SenseError} `SENSE_OPTION` naming the option, never its value
 */
export function headerValue(name: string, value: string): string {
  if (value !== '' && !/[^\u0020-\u007e]/.test(value)) return value
  throw new SenseError('SENSE_OPTION', `${name} must be printable ASCII text, and not empty`)
}
