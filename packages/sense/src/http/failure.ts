import { ButlerError, messageOf } from '@butlerkit/core'
import { QrsError } from '../errors.js'
import { failedToConnect } from './agent.js'

const wrongRoot = 'the certificate authority (root.pem) is not the one that signed the server certificate: export it from this site'
const noTls = 'there is no TLS on this port: check host and port'
const refusedClient = 'most often the service did not accept the client certificate: export it again, from this site; or it is restarting'

/** What to do about each way TLS fails here. @see Node.js, TLS: X509 certificate error codes */
const tlsHints: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the server certificate has expired: renew the certificates of the site',
  CERT_NOT_YET_VALID: 'the server certificate is not valid yet: compare the clocks of both machines',
  SELF_SIGNED_CERT_IN_CHAIN: wrongRoot,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: wrongRoot,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: wrongRoot,
  CERT_SIGNATURE_FAILURE: wrongRoot,
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the server shows a self-signed certificate: another program or a proxy answers on this port',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the server certificate names another host: connect by that name, or set servername to it',
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  EPROTO: refusedClient,
  ECONNRESET: refusedClient,
}

/** Turns what undici threw into a {@link QrsError}. */
export function fromNetworkFailure(cause: unknown, request: string): QrsError {
  const sent = !failedToConnect(cause)
  const code = codeOf(cause)
  const hint = tlsHint(code, sent)
  if (hint !== undefined) {
    // A service that restarts resets the handshake, so that one may pass.
    return new QrsError('QRS_TLS', `${request}: TLS failed with ${code}: ${hint}`, {
      cause,
      request,
      sent,
      transient: code === 'ECONNRESET',
    })
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new QrsError('QRS_TIMEOUT', `${request}: no connection in time`, { cause, request, sent, transient: true })
  }
  const how = code ?? messageOf(cause)
  // Under TLS 1.3 a server looks at the client certificate after the client is done, and may then just hang up.
  const hangup = sent ? '; if every request ends so, the client certificate may not be accepted' : ''
  return new QrsError('QRS_UNREACHABLE', `${request}: no answer, ${how}${hangup}`, { cause, request, sent, transient: true })
}

/** Turns an answer's status and text into a {@link QrsError}. */
export function fromStatus(status: number, text: string, request: string, retryAfterMs?: number): QrsError {
  const excerpt = onOneLine(text)
  const facts = { request, status, text: excerpt, sent: true, retryAfterMs }
  if (status === 401 || (status >= 300 && status < 400)) {
    return new QrsError('QRS_AUTH', `${request}: ${status}, a login is wanted`, { ...facts, transient: false })
  }
  if (status === 403) {
    const hint = /xsrf/i.test(text)
      ? ' (the anti-forgery key was cut off: is an unencoded # in the address, or a proxy changing headers?)'
      : ''
    return new QrsError('QRS_FORBIDDEN', `${request}: 403 ${excerpt}${hint}`, { ...facts, transient: false })
  }
  return new QrsError('QRS_STATUS', `${request}: ${status} ${excerpt}`.trimEnd(), { ...facts, transient: status >= 500 || status === 429 })
}

/** An answer that is not what it should be: its body, never its content, is named. */
export function fromAnswer(status: number, request: string, cause: unknown): QrsError {
  const why = ButlerError.is(cause) ? cause.message : 'it is not JSON'
  return new QrsError('QRS_ANSWER', `${request}: the answer cannot be read: ${why}`, {
    cause,
    request,
    status,
    sent: true,
    transient: false,
  })
}

/** What to do about a failed TLS handshake; `undefined` where it is no such failure. */
export function tlsHint(code: string | undefined, sent: boolean): string | undefined {
  if (code === undefined) return undefined
  // Once connected, a reset is an ordinary broken connection.
  if (code === 'ECONNRESET' && sent) return undefined
  return tlsHints[code] ?? (code.startsWith('ERR_SSL_') ? refusedClient : undefined)
}

/** The code of a Node or undici error. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** Control characters out, cut to 500: an answer's text ends up in logs. */
export function onOneLine(text: string): string {
  return text
    .slice(0, 500)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
}
