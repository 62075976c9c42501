import { randomBytes } from 'node:crypto'
import { readBrokers, type Brokers, type Scheme } from './brokers.js'
import { check } from './check.js'

/** PEM text, or a file's bytes. */
export type Pem = string | Buffer

/** TLS towards the broker, for `mqtts` and `wss`. */
export interface MqttTlsOptions {
  /** Authorities to trust instead of the ones Node knows. */
  readonly ca?: Pem | readonly Pem[]
  /** Client certificate; needs `key`. */
  readonly cert?: Pem
  /** Private key of the client certificate. */
  readonly key?: Pem
  /** Opens an encrypted `key`. */
  readonly passphrase?: string
  /** Name the broker's certificate must carry. @defaultValue the host of `url` */
  readonly servername?: string
  /** `false` trusts any certificate: anyone on the way can read and write. Logged as a warning. @defaultValue true */
  readonly rejectUnauthorized?: boolean
}

/** Waits between connection attempts: `initialMs`, doubled each time up to `maxMs`, each made longer or shorter by up to `jitter`. */
export interface MqttReconnectOptions {
  /** Milliseconds, at least 1. @defaultValue 1_000 */
  readonly initialMs?: number
  /** Milliseconds, at least `initialMs`. Also the wait after bad credentials and other refusals. @defaultValue 60_000 */
  readonly maxMs?: number
  /** Share of the wait, 0 to 1. @defaultValue 0.25 */
  readonly jitter?: number
  /** A connection that lasted this many milliseconds starts the waits anew. @defaultValue 30_000 */
  readonly stableMs?: number
}

/** Messages waiting to be sent, while there is no connection or the broker's window is full. */
export interface MqttOutboxOptions {
  /** How many may wait, 0 or more. @defaultValue 1_000 */
  readonly max?: number
  /** Which message fails with `MQTT_OUTBOX_FULL` when another comes: the new one, or the one that waits longest. @defaultValue 'reject' */
  readonly whenFull?: 'reject' | 'drop-oldest'
  /**
   * Where messages of QoS 1 and 2 are kept until the broker has them, so that they survive the process: sent with the next `open`, so that
   * one may come twice. A `ClassicLevel` of the package `classic-level`, made with `{ valueEncoding: 'view' }`, fits as it is. It stays the
   * caller's to close, after the transport, and serves one transport.
   *
   * @defaultValue memory only
   */
  readonly persist?: MqttOutboxStore
}

/** What an outbox that survives the process needs of a store. @see abstract-level, whose databases have this shape */
export interface MqttOutboxStore {
  put(key: string, value: Uint8Array): Promise<void>
  del(key: string): Promise<void>
  /** All entries, in the order of their keys. */
  iterator(): AsyncIterable<[key: string, value: Uint8Array]>
}

/** Messages of QoS 0 that wait because `maxInFlight` are in work. Those of QoS 1 and 2 wait too; the broker bounds their number. */
export interface MqttInboxOptions {
  /** How many may wait, 0 or more. @defaultValue 10_000 */
  readonly max?: number
  /** How many bytes of payload they may hold, 0 or more. @defaultValue 67_108_864, 64 MiB */
  readonly maxBytes?: number
  /** Which message is dropped, counted and logged when another comes. @defaultValue 'drop-oldest' */
  readonly whenFull?: 'drop-oldest' | 'drop-newest'
}

/** What the broker sends for a subscription. MQTT 5 only; in 3.1.1 the defaults hold. */
export interface MqttSubscriptionOptions {
  /** Not what we have published ourselves. Does not hold for a group: MQTT forbids it there. @defaultValue false */
  readonly noLocal?: boolean
  /** Retained messages: at each subscribing, only where the session has not subscribed before, or never. @defaultValue 'always' */
  readonly retained?: 'always' | 'new' | 'never'
  /** Filters in one SUBSCRIBE at most, 1 or more: some services close the connection on more. @defaultValue without bound */
  readonly maxFilters?: number
  /** `retain` tells how the message was published, not that the broker kept it. @defaultValue false */
  readonly retainAsPublished?: boolean
}

/** Options of {@link mqtt}. */
export interface MqttOptions {
  /**
   * `mqtt`, `mqtts`, `ws` or `wss`, host, and port where it is not 1883, 8883, 80 or 443; for `ws` and `wss` also a path.
   * User name and password in it are used and never shown; `username` and `password` win over them. Of several, all with one scheme, the
   * first that can be reached is used; after a lost connection it is tried again, then the next with each further attempt. They should be of
   * one kind: the protocol version stays, and where they share no sessions, what waits in one is delivered when we are back there.
   */
  readonly url: string | readonly [string, ...string[]]
  /** Names the transport in routes, logs and health. @defaultValue 'mqtt' */
  readonly name?: string
  /** Client identifier, unique at the broker. @defaultValue a random one for each call */
  readonly clientId?: string
  /** The broker keeps the session: messages of QoS 1 and 2 wait while we are away. Needs `clientId`. @defaultValue false */
  readonly durable?: boolean
  /** How long the broker keeps it, in seconds, 1 to 4_294_967_295 (for ever). Needs `durable` and MQTT 5. @defaultValue 604_800, a week */
  readonly sessionExpirySeconds?: number
  readonly username?: string
  readonly password?: string | Buffer
  readonly tls?: MqttTlsOptions
  /** HTTP proxy on the way to a `ws` or `wss` broker, `http://proxy.lab:3128`; user name and password in it are used and never shown. */
  readonly proxy?: string
  /** `auto` tries MQTT 5 and falls back to 3.1.1 when the broker does not speak it. @defaultValue 'auto' */
  readonly protocol?: 'auto' | '5' | '3.1.1'
  /** Seconds between signs of life, 1 to 65_535; a dead link is found within twice this time. @defaultValue 30 */
  readonly keepaliveSeconds?: number
  /** Longest wait for one connection attempt, in milliseconds, at least 1. @defaultValue 10_000 */
  readonly connectTimeoutMs?: number
  /** Longest wait for the broker in `drain`, and again in `close`, in milliseconds, at least 1. @defaultValue 5_000 */
  readonly closeTimeoutMs?: number
  /**
   * How long a message that was left stays at the broker before the connection is renewed, which brings it again, in milliseconds, 1_000 to
   * 2_147_483_647. MQTT has no other way to ask for it, and some brokers send nothing else meanwhile. Needs `durable`. @defaultValue 60_000
   */
  readonly redeliverMs?: number
  /**
   * What `open`, and so a butler's `start`, does when the first connection fails: `reject` with the cause, or `wait` and try again as
   * after a lost connection, until it stands, the signal aborts or the transport is closed.
   *
   * @defaultValue 'reject'
   */
  readonly firstConnect?: 'reject' | 'wait'
  /** Most messages in work at once, 1 or more; others wait. @defaultValue 1_000 */
  readonly maxInFlight?: number
  /** Seconds the broker waits with the will after the connection is lost, 0 to 4_294_967_295. Needs MQTT 5. @defaultValue 0 */
  readonly willDelaySeconds?: number
  readonly subscription?: MqttSubscriptionOptions
  readonly reconnect?: MqttReconnectOptions
  readonly inbox?: MqttInboxOptions
  readonly outbox?: MqttOutboxOptions
}

/** Options read, checked and filled in. Stays inside: it holds secrets. */
export interface Settings {
  readonly name: string
  readonly scheme: Scheme
  readonly brokers: Brokers
  readonly clientId: string
  readonly durable: boolean
  readonly sessionExpirySeconds: number
  readonly tls: MqttTlsOptions
  readonly proxy: URL | undefined
  readonly protocol: 'auto' | '5' | '3.1.1'
  readonly keepaliveSeconds: number
  readonly connectTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly redeliverMs: number
  readonly firstConnect: 'reject' | 'wait'
  readonly maxInFlight: number
  readonly willDelaySeconds: number
  readonly subscription: Required<MqttSubscriptionOptions>
  readonly reconnect: Required<MqttReconnectOptions>
  readonly inbox: Required<MqttInboxOptions>
  readonly outbox: OutboxSettings
}

/** {@link MqttOutboxOptions}, filled in. */
export type OutboxSettings = Required<Omit<MqttOutboxOptions, 'persist'>> & Pick<MqttOutboxOptions, 'persist'>

const maxTimerMs = 2_147_483_647

/**
 * Reads and checks the options of {@link mqtt}.
 *
 * @throws {@link MqttError} `MQTT_OPTIONS` naming the option, never its value where that may be secret
 */
export function readOptions(options: MqttOptions): Settings {
  const { name = 'mqtt', clientId, durable = false, tls = {} } = options
  const protocol = oneOf('protocol', options.protocol ?? 'auto', ['auto', '5', '3.1.1'])
  const { scheme, brokers } = readBrokers(options.url, options)
  check(typeof name === 'string' && name !== '', 'name', 'must not be empty')
  check(clientId === undefined || (typeof clientId === 'string' && clientId !== ''), 'clientId', 'must not be empty')
  check(!durable || clientId !== undefined, 'clientId', 'is needed with durable: the broker finds the session by it')
  check(options.sessionExpirySeconds === undefined || durable, 'sessionExpirySeconds', 'needs durable')
  check(options.redeliverMs === undefined || durable, 'redeliverMs', 'needs durable')
  checkTls(tls, scheme)
  const nameless = brokers.some(({ username, password }) => password !== undefined && username === undefined)
  check(!nameless || protocol === '5', 'username', 'is needed with a password in MQTT 3.1.1')
  return {
    name,
    scheme,
    brokers,
    // 22 letters and digits: what every 3.1.1 broker must accept (MQTT 3.1.1, 3.1.3-5).
    clientId: clientId ?? `butler${randomBytes(8).toString('hex')}`,
    durable,
    sessionExpirySeconds: whole('sessionExpirySeconds', options.sessionExpirySeconds ?? 604_800, 1, 4_294_967_295),
    tls: { ...tls },
    proxy: readProxy(options.proxy, scheme),
    protocol,
    keepaliveSeconds: whole('keepaliveSeconds', options.keepaliveSeconds ?? 30, 1, 65_535),
    connectTimeoutMs: whole('connectTimeoutMs', options.connectTimeoutMs ?? 10_000, 1, maxTimerMs),
    closeTimeoutMs: whole('closeTimeoutMs', options.closeTimeoutMs ?? 5_000, 1, maxTimerMs),
    redeliverMs: whole('redeliverMs', options.redeliverMs ?? 60_000, 1_000, maxTimerMs),
    firstConnect: oneOf('firstConnect', options.firstConnect ?? 'reject', ['reject', 'wait']),
    maxInFlight: whole('maxInFlight', options.maxInFlight ?? 1_000, 1, Number.MAX_SAFE_INTEGER),
    willDelaySeconds: whole('willDelaySeconds', options.willDelaySeconds ?? 0, 0, 4_294_967_295),
    subscription: readSubscription(options.subscription ?? {}),
    reconnect: readReconnect(options.reconnect ?? {}),
    inbox: readInbox(options.inbox ?? {}),
    outbox: readOutbox(options.outbox ?? {}),
  }
}

function readProxy(text: string | undefined, scheme: Scheme): URL | undefined {
  if (text === undefined) return undefined
  check(scheme === 'ws' || scheme === 'wss', 'proxy', 'needs a url with ws or wss')
  check(URL.canParse(text) && new URL(text).protocol === 'http:', 'proxy', 'must be a URL such as http://proxy.lab:3128')
  return new URL(text)
}

function checkTls(tls: MqttTlsOptions, scheme: Scheme): void {
  check(Object.keys(tls).length === 0 || scheme === 'mqtts' || scheme === 'wss', 'tls', 'needs a url with mqtts or wss')
  check((tls.cert === undefined) === (tls.key === undefined), tls.cert === undefined ? 'tls.cert' : 'tls.key', 'is missing')
}

function readReconnect(options: MqttReconnectOptions): Required<MqttReconnectOptions> {
  const { jitter = 0.25 } = options
  check(jitter >= 0 && jitter <= 1, 'reconnect.jitter', 'must be between 0 and 1')
  const initialMs = whole('reconnect.initialMs', options.initialMs ?? Math.min(1_000, options.maxMs ?? 1_000), 1, maxTimerMs)
  // Half of what a timer takes, as jitter may double it.
  const maxMs = whole('reconnect.maxMs', options.maxMs ?? Math.max(60_000, initialMs), initialMs, maxTimerMs >> 1)
  return { initialMs, maxMs, jitter, stableMs: whole('reconnect.stableMs', options.stableMs ?? 30_000, 0, maxTimerMs) }
}

function readSubscription({
  noLocal = false,
  retained = 'always',
  maxFilters = Number.MAX_SAFE_INTEGER,
  retainAsPublished = false,
}: MqttSubscriptionOptions): Required<MqttSubscriptionOptions> {
  return {
    noLocal,
    retained: oneOf('subscription.retained', retained, ['always', 'new', 'never']),
    maxFilters: whole('subscription.maxFilters', maxFilters, 1, Number.MAX_SAFE_INTEGER),
    retainAsPublished,
  }
}

function readInbox({ max = 10_000, maxBytes = 67_108_864, whenFull = 'drop-oldest' }: MqttInboxOptions): Required<MqttInboxOptions> {
  return {
    max: whole('inbox.max', max, 0, Number.MAX_SAFE_INTEGER),
    maxBytes: whole('inbox.maxBytes', maxBytes, 0, Number.MAX_SAFE_INTEGER),
    whenFull: oneOf('inbox.whenFull', whenFull, ['drop-oldest', 'drop-newest']),
  }
}

function readOutbox({ max = 1_000, whenFull = 'reject', persist }: MqttOutboxOptions): OutboxSettings {
  return {
    max: whole('outbox.max', max, 0, Number.MAX_SAFE_INTEGER),
    whenFull: oneOf('outbox.whenFull', whenFull, ['reject', 'drop-oldest']),
    ...(persist && { persist }),
  }
}

function oneOf<T extends string>(field: string, value: T, allowed: readonly T[]): T {
  check(allowed.includes(value), field, `must be one of ${allowed.join(', ')}`)
  return value
}

function whole(field: string, value: number, min: number, max: number): number {
  check(Number.isInteger(value) && value >= min && value <= max, field, `must be a whole number from ${min} to ${max}`)
  return value
}
