import type { Logger } from '../logger.js'

/** MQTT quality of service: 0 at most once, 1 at least once, 2 exactly once. */
export type QoS = 0 | 1 | 2

/** What a transport can do. A route or a publish that needs more fails with an error naming both. */
export interface TransportCapabilities {
  /** Whether `publish` works at all; a UDP receiver only receives. */
  readonly publish: boolean
  /** The highest quality of service. */
  readonly qos: QoS
  /** Whether a retained message is kept for later subscribers. */
  readonly retain: boolean
  /** Whether a message carries a response topic and correlation data, as in MQTT 5. */
  readonly reply: boolean
  /** Whether a message carries user properties, as in MQTT 5. */
  readonly userProperties: boolean
  /** Whether a message stays with the sender until it is settled. */
  readonly ackControl: boolean
  /** Whether messages tell by which subscriptions they came, as in MQTT 5. @defaultValue false */
  readonly subscriptionIdentifiers?: boolean
  /** Whether `$share/<group>/<filter>` spreads messages over the members of a group. @defaultValue false */
  readonly sharedSubscriptions?: boolean
}

/** A message's properties beyond topic and bytes: those of an MQTT 5 PUBLISH. */
export interface MessageProperties {
  /** Media type of the payload. */
  readonly contentType?: string
  /** Seconds after which the message is worth nothing. */
  readonly messageExpirySeconds?: number
  /** Topic name the answer goes to. */
  readonly responseTopic?: string
  /** Bytes the answer carries back unchanged. */
  readonly correlationData?: Uint8Array
  /** Names and values of the sender's own; a repeated name keeps its last value. */
  readonly userProperties?: Readonly<Record<string, string>>
}

/** A message on its way out. */
export interface OutboundMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly properties?: MessageProperties
}

/** A message that came in. */
export interface InboundMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  /** The broker kept this message and sends it because we subscribed. */
  readonly retain: boolean
  /** The broker has sent this message before and got no acknowledgement (the DUP flag). */
  readonly duplicate: boolean
  readonly properties: MessageProperties
  /** The identifiers of the subscriptions it came by, where the transport knows them. */
  readonly subscriptionIds?: readonly number[]
}

/**
 * What becomes of a message once the butler is through with it: `ack` acknowledges it, `leave` does not, so that a kept session
 * delivers it again after the next connect. Means nothing where `ackControl` is false.
 */
export type Disposition = 'ack' | 'leave'

/** One topic filter to subscribe to. */
export interface Subscription {
  /** May be a shared one: `$share/<group>/<filter>`. */
  readonly filter: string
  readonly qos: QoS
  /** Comes back with each message, where the transport has `subscriptionIdentifiers`: 1 to 268_435_455 (MQTT 5.0, section 3.8.2.1.2). */
  readonly id?: number
}

/** Retained messages about the butler itself, all on one topic. */
export interface StatusMessages {
  readonly topic: string
  /** Sent after every connect. */
  readonly online: Uint8Array
  /** Sent when the butler begins to stop. */
  readonly draining: Uint8Array
  /** Sent last, and left with the broker as the will. */
  readonly offline: Uint8Array
}

/** What a transport is given when it opens. */
export interface TransportSession {
  /** In place before the first message arrives: a kept session delivers right after the connect. */
  readonly subscriptions: readonly Subscription[]
  /** Takes one message and tells what becomes of it. Never throws, never rejects. */
  receive(message: InboundMessage): Disposition | Promise<Disposition>
  /** Told on every change of {@link Transport.health}. */
  changed(health: TransportHealth): void
  readonly status?: StatusMessages
  readonly logger: Logger
}

/** How a transport is, since when and why. */
export interface TransportHealth {
  readonly state: 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'draining' | 'closed' | 'failed'
  /** When this state began. */
  readonly since: Date
  /** Why, where it is not as it should be. Holds no secret. */
  readonly reason?: string
}

/**
 * The way messages come in and go out: MQTT, UDP, memory. A butler calls `open` once, `subscribe` and `publish` while open, then
 * `drain` and `close`. An adapter is a function from options to an object of this shape; see `docs/adapters.md`.
 */
export interface Transport {
  /** Names the transport in routes (`from`), logs and health; unique within a butler. */
  readonly name: string
  /** This client's own name on the transport, unique among its clients: MQTT's client identifier. Answers are sent to it. */
  readonly clientId: string
  /** What it can do. Certain once `open` has resolved, as a broker may offer less. */
  readonly capabilities: TransportCapabilities
  /**
   * Connects. Resolves once messages flow both ways: connected, subscribed, online told.
   *
   * @throws a `ButlerError` naming the cause
   */
  open(session: TransportSession, options?: { readonly signal?: AbortSignal }): Promise<void>
  /**
   * Makes this the whole set of subscriptions: adds what is missing, then removes what is not named. Without a connection the set is kept, and
   * in place with the next one.
   *
   * @throws a `ButlerError` when one of them is refused; what is in place is then uncertain, until the next call
   */
  subscribe(subscriptions: readonly Subscription[]): Promise<void>
  /**
   * Sends one message. Resolves once the other side has it, as far as `qos` promises.
   *
   * @throws a `ButlerError` when the message cannot be sent or was refused
   */
  publish(message: OutboundMessage, options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Takes no further messages and says so (status `draining`); those already received can still be settled. */
  drain(): Promise<void>
  /** Says `offline` and disconnects. May be called twice, and without `open`. */
  close(): Promise<void>
  health(): TransportHealth
}
