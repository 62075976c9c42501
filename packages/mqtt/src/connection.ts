import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf, type TransportSession } from '@butlerkit/core'
import type { IConnackPacket } from 'mqtt'
import { createBackoff } from './backoff.js'
import type { Broker } from './brokers.js'
import { versionRefusals } from './connect-failure.js'
import { MqttError } from './errors.js'
import type { ProtocolVersion } from './limits.js'
import { createLink, type Link } from './link.js'
import { notShared } from './offer.js'
import type { Settings } from './options.js'
import type { Subscriptions } from './subscriptions.js'

/** The connection to the broker: made, kept, and made again whenever it is lost. */
export interface Connection {
  /** The one in use, once there is one. */
  readonly link: Link | undefined
  /**
   * Makes the first connection; resolves once it stands.
   *
   * @throws {@link MqttError} naming the cause; the signal's reason, or that of `stop`
   */
  open(session: TransportSession, signal?: AbortSignal): Promise<void>
  /** Tries no more, neither first nor again. What stands, stands until `end` of its link. */
  stop(reason: MqttError): void
}

export interface ConnectionOptions {
  readonly settings: Settings
  readonly subscriptions: Pick<Subscriptions, 'shares'>
  /** @returns whether a connection was lost over something that is not said again for ever: the next may stand */
  readonly wasTrying: () => boolean
  /** There is a link, which has not connected yet. */
  readonly made: (link: Link, session: TransportSession) => void
  /** Makes a connection ours: only then it stands. */
  readonly establish: (link: Link, connack: IConnackPacket) => Promise<void>
  readonly stood: () => void
  /** One that stood is gone. */
  readonly lost: (error: MqttError) => void
  /** There is none, and why; another attempt follows. */
  readonly waiting: (state: 'connecting' | 'reconnecting', reason: string) => void
}

export function createConnection({
  settings,
  subscriptions,
  wasTrying,
  made,
  establish,
  stood,
  lost,
  waiting,
}: ConnectionOptions): Connection {
  const backoff = createBackoff(settings.reconnect)
  const stopped = new AbortController()
  const { brokers } = settings
  let link: Link | undefined
  /** Which of the brokers is tried. */
  let turn = 0
  /** Brokers that have said no, one after the other. */
  let refusals = 0
  let reconnectTimer: NodeJS.Timeout | undefined

  /** Tries until a connection stands, where the options say so. */
  async function connectFirst(session: TransportSession, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await connectAny(session, signal)
      } catch (error) {
        if (settings.firstConnect === 'reject' || signal.aborted || !isWorthWaiting(error)) throw error
        await sleep(reportWait('connecting', error), undefined, { signal })
      }
    }
  }

  /** Tries one broker after the other. @throws the one reason there is, or all of them in one */
  async function connectAny(session: TransportSession, signal: AbortSignal): Promise<void> {
    const errors: unknown[] = []
    for (turn = 0; turn < brokers.length; turn += 1) {
      try {
        return await negotiate(session, broker(), signal)
      } catch (error) {
        if (brokers.length === 1 || signal.aborted) throw error
        session.logger.warn('a broker cannot be used', { transport: settings.name, reason: messageOf(error) })
        errors.push(error)
      }
    }
    turn = 0
    const [first] = errors
    const code = first instanceof MqttError ? first.code : 'MQTT_NOT_CONNECTED'
    throw new MqttError(code, errors.map(messageOf).join('; '), { cause: new AggregateError(errors) })
  }

  function broker(): Broker {
    return brokers[turn % brokers.length] ?? brokers[0]
  }

  /** Connects with the newest protocol version both sides speak. */
  async function negotiate(session: TransportSession, to: Broker, signal: AbortSignal): Promise<void> {
    const tried = { auto: autoVersions, '5': [5] as const, '3.1.1': [4] as const }[settings.protocol]
    for (let index = 0; ; index += 1) {
      signal.throwIfAborted()
      const version = tried[index] ?? 4
      const candidate = createLink({ settings, version, status: session.status, lost: reconnectOnceLost })
      link = candidate
      made(candidate, session)
      try {
        return await candidate.connect(to, (connack) => establish(candidate, connack))
      } catch (error) {
        await candidate.end(0)
        if (wasTrying() && isLost(error)) {
          index -= 1
          continue
        }
        // What ejabberd does on a shared subscription is to hang up.
        if (subscriptions.shares() && MqttError.is(error, 'MQTT_NOT_CONNECTED')) throw notShared(to.address, error)
        if (index === tried.length - 1 || !isVersionRefusal(error)) throw error
        // One that says so is not asked twice; one that only hangs up may have had another reason.
        if (error.reasonCode !== undefined) index = tried.length - 2
        session.logger.info('the broker may not speak MQTT 5', { transport: settings.name, broker: to.address, reason: error.message })
      }
    }
  }

  function reconnectOnceLost(error: MqttError): void {
    lost(error)
    reconnectLater(error)
  }

  function reconnectLater(error: unknown): void {
    if (!stopped.signal.aborted) reconnectTimer = setTimeout(() => void reconnect(), reportWait('reconnecting', error))
  }

  async function reconnect(): Promise<void> {
    const current = link
    if (current === undefined) return
    try {
      await current.connect(broker(), (connack) => establish(current, connack))
    } catch (error) {
      turn += 1
      return reconnectLater(error)
    }
    if (!stopped.signal.aborted) stand()
  }

  function stand(): void {
    refusals = 0
    backoff.connected()
    stood()
  }

  /** @returns milliseconds to wait before the next attempt */
  function reportWait(state: 'connecting' | 'reconnecting', error: unknown): number {
    refusals = error instanceof MqttError && isRefusal(error) ? refusals + 1 : 0
    // Where one says no, the next may not. At the first connection all have been asked.
    const { attempt, waitMs } = backoff.next(refusals >= (state === 'connecting' ? 1 : brokers.length))
    const where = brokers.length > 1 ? ` at ${broker().address}` : ''
    waiting(state, `${messageOf(error)}; attempt ${attempt}${where} in ${waitMs} ms`)
    return waitMs
  }

  return {
    get link() {
      return link
    },
    async open(session, signal) {
      const enough = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal
      const giveUp = () => void link?.end(0)
      enough.addEventListener('abort', giveUp, { once: true })
      try {
        await connectFirst(session, enough)
        enough.throwIfAborted()
      } catch (error) {
        await link?.end(0)
        throw enough.aborted ? enough.reason : error
      } finally {
        enough.removeEventListener('abort', giveUp)
      }
      stand()
    },
    stop(reason) {
      clearTimeout(reconnectTimer)
      stopped.abort(reason)
    },
  }
}

/** A broker that hangs up on MQTT 5 gets a second chance: it may be starting. */
const autoVersions: readonly ProtocolVersion[] = [5, 5, 4]

/** Whether another attempt can end differently: not where we ask for what the broker cannot do. */
function isWorthWaiting(error: unknown): boolean {
  return !MqttError.is(error, 'MQTT_UNSUPPORTED')
}

/** Brokers without MQTT 5 say so, or hang up: aedes answers in the words of 3.1.1, RabbitMQ and NATS close. */
function isVersionRefusal(error: unknown): error is MqttError {
  return (
    error instanceof MqttError &&
    error.code === 'MQTT_PROTOCOL' &&
    (error.reasonCode === undefined || versionRefusals.has(error.reasonCode))
  )
}

/** The broker took us, and then hung up or fell silent. */
function isLost(error: unknown): boolean {
  return MqttError.is(error, 'MQTT_NOT_CONNECTED') || MqttError.is(error, 'MQTT_TIMEOUT')
}

/** The broker is there and does not want us: asking again at once is no use, and may look like an attack. */
function isRefusal({ code, reasonCode }: MqttError): boolean {
  // 0x8e: another client has taken over our session. Two with one client identifier would take it from each other for ever.
  return code === 'MQTT_AUTH' || code === 'MQTT_SUBSCRIBE_REFUSED' || reasonCode === 0x8e
}
