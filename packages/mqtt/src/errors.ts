import { ButlerError } from '@butlerkit/core'

/**
 * What can go wrong between us and a broker.
 *
 * - `MQTT_OPTIONS`: an option of `mqtt()` is wrong; the message names it
 * - `MQTT_DNS`: the host name does not resolve
 * - `MQTT_REFUSED`: nobody listens there, or no route leads there
 * - `MQTT_TIMEOUT`: no answer within `connectTimeoutMs`
 * - `MQTT_TLS`: no trust between the two sides; `hint` says why
 * - `MQTT_AUTH`: user name, password or client certificate not accepted
 * - `MQTT_CONNECT_REFUSED`: CONNACK with another reason, see `reasonCode`
 * - `MQTT_PROTOCOL`: the other side does not speak MQTT as we do, or broke off
 * - `MQTT_NOT_CONNECTED`: there is no connection, or it was lost on the way
 * - `MQTT_SUBSCRIBE_REFUSED`: SUBACK with a refusal, see `refused`
 * - `MQTT_PUBLISH_REFUSED`: PUBACK or PUBREC with a refusal (MQTT 5), see `reasonCode`; or the connection was lost each of five times it was sent
 * - `MQTT_TOPIC_INVALID`: a topic name or filter MQTT does not allow
 * - `MQTT_PROPERTY_INVALID`: a message property MQTT does not allow, or a payload that is no bytes
 * - `MQTT_UNSUPPORTED`: the broker or the protocol version cannot do it
 * - `MQTT_PACKET_TOO_LARGE`: more bytes than the broker or MQTT takes
 * - `MQTT_OUTBOX_FULL`: too many messages wait to be sent
 * - `MQTT_CLOSED`: the transport is closed
 */
export type MqttErrorCode =
  | 'MQTT_OPTIONS'
  | 'MQTT_DNS'
  | 'MQTT_REFUSED'
  | 'MQTT_TIMEOUT'
  | 'MQTT_TLS'
  | 'MQTT_AUTH'
  | 'MQTT_CONNECT_REFUSED'
  | 'MQTT_PROTOCOL'
  | 'MQTT_NOT_CONNECTED'
  | 'MQTT_SUBSCRIBE_REFUSED'
  | 'MQTT_PUBLISH_REFUSED'
  | 'MQTT_TOPIC_INVALID'
  | 'MQTT_PROPERTY_INVALID'
  | 'MQTT_UNSUPPORTED'
  | 'MQTT_PACKET_TOO_LARGE'
  | 'MQTT_OUTBOX_FULL'
  | 'MQTT_CLOSED'

/** A topic filter the broker did not take. */
export interface RefusedFilter {
  readonly filter: string
  /** From SUBACK: 0x80 in MQTT 3.1.1, in MQTT 5 one of section 3.9.3. */
  readonly reasonCode: number
}

/** What an {@link MqttError} knows beyond its message. */
export interface MqttErrorFacts {
  /** Host of the broker, without port or user. */
  readonly host?: string | undefined
  /** Reason code (MQTT 5) or return code (MQTT 3.1.1) of the broker's answer. */
  readonly reasonCode?: number | undefined
  /** What to look at first. */
  readonly hint?: string | undefined
  /** The filters of a refused subscription. */
  readonly refused?: readonly RefusedFilter[] | undefined
}

/** An error of the MQTT transport. Holds no user name, password, key or URL. */
export class MqttError<Code extends MqttErrorCode = MqttErrorCode> extends ButlerError<Code> implements MqttErrorFacts {
  override readonly name = 'MqttError'
  readonly host: string | undefined
  readonly reasonCode: number | undefined
  readonly hint: string | undefined
  readonly refused: readonly RefusedFilter[] | undefined

  constructor(code: Code, message: string, { host, reasonCode, hint, refused, ...options }: MqttErrorFacts & ErrorOptions = {}) {
    super(code, hint === undefined ? message : `${message} (${hint})`, options)
    this.host = host
    this.reasonCode = reasonCode
    this.hint = hint
    this.refused = refused
  }
}
