import type { AnswerHeaders } from '../http/answer.js'
import { toUserHeader } from '../user.js'

/** Headers that prove who asks; plain data, made anew when they change, so that two can be told apart. */
export type ProofHeaders = Readonly<Record<string, string>>

/** What goes on requests and websockets to prove who asks. */
export interface Identity {
  /** What comes before every path: empty, or `/prefix` of a virtual proxy. */
  readonly prefix: string
  /** The headers for one request. Logs in first where that is needed, once for all who ask meanwhile. */
  headers(): ProofHeaders | Promise<ProofHeaders>
  /** Told of every answer: keeps the cookies. */
  answered(headers: AnswerHeaders): void
  /** Told that a request with `used` was answered with a log-in. True where logging in again may help; the request was not passed on. */
  expire(used: ProofHeaders): boolean
}

/** A client certificate is looked at during the handshake; only whom to act as goes on a request. */
export function certificateIdentity(user?: string): Identity {
  const proof: ProofHeaders = user === undefined ? {} : { 'x-qlik-user': toUserHeader(user) }
  return {
    prefix: '',
    headers: () => proof,
    answered: () => {},
    expire: () => false,
  }
}

/** An answer's text without what the request proved itself with: servers repeat headers in their errors. */
export function withoutProof(text: string, proof: ProofHeaders): string {
  const secrets = Object.entries(proof).flatMap(([name, value]) => {
    if (name === 'cookie') return value.split('; ').map((pair) => pair.slice(pair.indexOf('=') + 1))
    // A server may repeat a token without its scheme.
    return [value, value.replace(/^Bearer /, '')]
  })
  return withoutSecrets(text, secrets)
}

/** Replaces every secret in a text. Short ones are none: a cookie such as `lang=en` is not to be cut out of every word. */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  let clean = text
  for (const secret of secrets) if (secret.length >= 6) clean = clean.replaceAll(secret, '…')
  return clean
}
