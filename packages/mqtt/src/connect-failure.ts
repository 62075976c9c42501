import { messageOf } from '@butlerkit/core'
import { ReasonCodes, type IConnackPacket } from 'mqtt'
import { MqttError, type MqttErrorCode } from './errors.js'

/** Where a connection was to lead: what an error may show of it. */
export interface Destination {
  readonly host: string
  /** Scheme, host and port. */
  readonly address: string
  /** Whether the TLS handshake is under way, where that is known. @defaultValue false */
  readonly handshaking?: boolean
}

const systemCodes: Readonly<Record<string, readonly [MqttErrorCode, string]>> = {
  ENOTFOUND: ['MQTT_DNS', 'the host name does not resolve'],
  EAI_AGAIN: ['MQTT_DNS', 'the name server does not answer'],
  EAI_FAIL: ['MQTT_DNS', 'the name server failed'],
  ECONNREFUSED: ['MQTT_REFUSED', 'nobody listens there'],
  EHOSTUNREACH: ['MQTT_REFUSED', 'no route to the host'],
  ENETUNREACH: ['MQTT_REFUSED', 'no route to the network'],
  EACCES: ['MQTT_REFUSED', 'this machine does not allow the connection'],
  ETIMEDOUT: ['MQTT_TIMEOUT', 'the host does not answer'],
}

/** What to look at, by OpenSSL's and Node's code. The alerts are what the broker said of us. */
const tlsHints: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/^CERT_HAS_EXPIRED$/, "the broker's certificate has expired"],
  [/^CERT_NOT_YET_VALID$/, "the broker's certificate is not valid yet; is the clock right?"],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "the broker's certificate is for another host; use its name in url, or tls.servername"],
  [/SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)/, "the broker's certificate comes from an unknown authority; give it as tls.ca"],
  [/^CERT_REVOKED$/, "the broker's certificate was revoked"],
  [/ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)/, 'the broker refused us; it may want a client certificate: tls.cert and tls.key'],
  [/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)/, 'the broker refused our client certificate'],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/, 'the other side does not speak TLS on this port'],
  [/ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/, 'the two sides share no TLS version'],
  [/^ERR_OSSL_|PEM|KEY_VALUES_MISMATCH|BAD_DECRYPT/, 'tls.ca, tls.cert, tls.key or tls.passphrase cannot be used'],
]
const tlsCode =
  /^(CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA$|INVALID_PURPOSE$|HOSTNAME_MISMATCH$)/

/** Names the cause of an error from the socket, the TLS layer, the websocket or mqtt.js. */
export function fromSocketError(cause: unknown, { host, address, handshaking = false }: Destination): MqttError {
  const code = codeOf(cause)
  const known = systemCodes[code]
  if (known !== undefined) return new MqttError(known[0], `connect ${address}: ${known[1]}`, { host, cause })
  if (tlsCode.test(code)) {
    const hint = tlsHints.find(([pattern]) => pattern.test(code))?.[1]
    return new MqttError('MQTT_TLS', `connect ${address}: no TLS connection, ${code}`, { host, hint, cause })
  }
  const text = messageOf(cause)
  if (/^connack timeout$/.test(text)) return new MqttError('MQTT_TIMEOUT', `connect ${address}: no answer in time`, { host, cause })
  if (handshaking || /before secure TLS connection/.test(text)) {
    const hint = 'does the other side speak TLS on this port?'
    return new MqttError('MQTT_TLS', `connect ${address}: closed during the TLS handshake`, { host, hint, cause })
  }
  // From ws, when an HTTP server answers the upgrade with something else.
  const [, status] = /^Unexpected server response: (\d{3})$/.exec(text) ?? []
  if (status === '401' || status === '403') return new MqttError('MQTT_AUTH', `connect ${address}: HTTP ${status}`, { host, cause })
  return new MqttError('MQTT_PROTOCOL', `connect ${address}: ${text}`, { host, cause })
}

/** Names the cause of a CONNACK that says no. @see MQTT 5.0, section 3.2.2.2; MQTT 3.1.1, section 3.2.2.3 */
export function fromConnack({ reasonCode: v5, returnCode, properties }: IConnackPacket, { host, address }: Destination): MqttError {
  const reasonCode = v5 ?? returnCode ?? 0x80
  const code = authRefusals.has(reasonCode) ? 'MQTT_AUTH' : versionRefusals.has(reasonCode) ? 'MQTT_PROTOCOL' : 'MQTT_CONNECT_REFUSED'
  return new MqttError(code, `connect ${address}: ${reasonText(reasonCode, properties?.reasonString)}`, { host, reasonCode })
}

/** A reason code in words, with what the broker adds to it. */
export function reasonText(reasonCode: number, reasonString?: string): string {
  const words = (ReasonCodes as Record<number, string>)[reasonCode] ?? 'the broker refused'
  const more = reasonString === undefined ? '' : `, ${JSON.stringify(reasonString.slice(0, 200))}`
  return `${words} (0x${reasonCode.toString(16).padStart(2, '0')}${more})`
}

/** Unacceptable protocol version: 1 in MQTT 3.1.1, 0x84 in MQTT 5. */
export const versionRefusals: ReadonlySet<number> = new Set([0x01, 0x84])
const authRefusals: ReadonlySet<number> = new Set([0x04, 0x05, 0x86, 0x87, 0x8a, 0x8c])

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
}
