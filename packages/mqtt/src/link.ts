import { messageOf, type StatusMessages } from '@butlerkit/core'
import { connect as createClient, type IConnackPacket, type MqttClient } from 'mqtt'
import type { Broker } from './brokers.js'
import { clientOptions, destination } from './client-options.js'
import { fromConnack, fromSocketError, reasonText } from './connect-failure.js'
import { createDeliveries, type Deliveries } from './deliveries.js'
import { MqttError } from './errors.js'
import { show, type ProtocolVersion } from './limits.js'
import type { Settings } from './options.js'
import { createRenewal, type Renewal } from './renewal.js'

/** One mqtt.js client, and its connection, which comes and goes. When to connect again is for the caller to say. */
export interface Link {
  readonly client: MqttClient
  readonly version: ProtocolVersion
  /** The broker it leads to: scheme, host and port. */
  readonly address: string
  /** Whether the broker before was another one. Its session is taken for none, as what we know is of the former. */
  readonly moved: boolean
  /**
   * Connects, and calls `establish` with the broker's CONNACK; connected means that this has resolved.
   *
   * @throws {@link MqttError} naming the cause; what `establish` threw
   */
  connect(broker: Broker, establish: (connack: IConnackPacket) => Promise<void>): Promise<void>
  readonly send: Deliveries['send']
  readonly refused: Deliveries['refused']
  /** Resolves once the broker has read all that was sent. NATS 2.9 forgets an acknowledgement that DISCONNECT follows at once. */
  ping(): Promise<void>
  /** Ends the connection, as if it were lost for this reason, so long from now, or from when it stands; the soonest counts. */
  renew: Renewal['ask']
  /** Disconnects, politely as long as `timeoutMs` allows. The link is of no use afterwards. */
  end(timeoutMs: number): Promise<void>
}

/** What a {@link Link} is made of. */
export interface LinkOptions {
  readonly settings: Settings
  readonly version: ProtocolVersion
  readonly status: StatusMessages | undefined
  /** A connection that stood is gone. */
  readonly lost: (error: MqttError) => void
}

/** @returns a link that has not connected yet */
export function createLink({ settings, version, status, lost }: LinkOptions): Link {
  let [{ host, address }] = settings.brokers
  const client = createClient(clientOptions(settings, version, status))
  /** The one that took us last. */
  let former: string | undefined
  let moved = false
  // Before anybody else looks at it.
  client.on('packetreceive', (packet) => {
    if (packet.cmd !== 'connack' || (packet.reasonCode ?? packet.returnCode) !== 0) return
    moved = former !== undefined && former !== address
    former = address
    if (!moved) return
    packet.sessionPresent = false
    deliveries.forgive()
  })
  const deliveries = createDeliveries(client, version)
  let phase: 'down' | 'connecting' | 'up' = 'down'
  let ended = false
  let handshaking = false
  let secured = false
  /** The broker has taken us: what goes wrong now is no failure to connect. */
  let accepted = false
  /** The first thing that went wrong with this connection: what follows is its consequence. */
  let failure: MqttError | undefined
  const renewal = createRenewal((reason) => {
    failure ??= new MqttError('MQTT_NOT_CONNECTED', `connection to ${address} renewed: ${reason}`, { host })
    deliveries.excuse()
    client.stream.destroy()
  })
  /** Ends an attempt in which the broker says nothing more. */
  let silence: NodeJS.Timeout | undefined
  let connected: ((connack: IConnackPacket) => void) | undefined
  let closed: ((error: MqttError) => void) | undefined

  client.on('error', fail)
  client.on('packetreceive', (packet) => {
    silence?.refresh()
    if (packet.cmd === 'connack') {
      accepted = (packet.reasonCode ?? packet.returnCode) === 0
      if (accepted) awaitNoSilence()
      else failure ??= fromConnack(packet, { host, address })
    }
    if (packet.cmd === 'disconnect') {
      const { reasonCode = 0x80, properties } = packet
      const reason = reasonText(reasonCode, properties?.['reasonString'])
      failure ??= new MqttError('MQTT_NOT_CONNECTED', `${address} ended the connection: ${reason}`, { host, reasonCode })
      client.stream.destroy()
    }
  })
  client.on('connect', (connack) => connected?.(connack))
  client.on('close', () => {
    const wasUp = phase === 'up'
    renewal.forget()
    phase = 'down'
    const error = ended ? new MqttError('MQTT_CLOSED', 'the transport was closed') : suspecting(failure ?? unexplained())
    closed?.(error)
    if (wasUp && !ended) lost(error)
  })

  function fail(error: unknown): void {
    if (secured && !accepted && isReset(error)) failure ??= noAnswer(error)
    failure ??= accepted
      ? new MqttError('MQTT_NOT_CONNECTED', `connection to ${address} lost: ${messageOf(error)}`, { host, cause: error })
      : fromSocketError(error, { host, address, handshaking })
  }

  function noAnswer(cause?: unknown): MqttError {
    // With TLS 1.3 we have finished the handshake before the broker has seen our certificate, and not every broker says what it thinks of it.
    const hint = secured ? 'after the TLS handshake: the broker may not accept our client certificate, or want one' : undefined
    const message = `connect ${address}: the other side closed the connection without an answer`
    return new MqttError('MQTT_PROTOCOL', message, { host, hint, cause })
  }

  function unexplained(): MqttError {
    if (accepted) return new MqttError('MQTT_NOT_CONNECTED', `${address} closed the connection`, { host })
    return noAnswer()
  }

  function suspecting(error: MqttError): MqttError {
    const { suspect } = deliveries
    if (!accepted || suspect === undefined) return error
    const hint = `as before, after a message to ${show(suspect)} was sent: the broker may not allow it`
    return new MqttError(error.code, error.message, { host, hint, reasonCode: error.reasonCode, cause: error })
  }

  /** A connection can end in the very turn in which it was established. */
  function isDown(): boolean {
    return phase === 'down'
  }

  function dial(): void {
    try {
      client.connect()
    } catch (error) {
      phase = 'down'
      throw fromSocketError(error, { host, address })
    }
    const { stream } = client
    handshaking = settings.scheme === 'mqtts'
    secured = false
    stream.once('secureConnect', () => {
      handshaking = false
      secured = true
    })
    // mqtt.js tells only of errors with a code.
    stream.on('error', fail)
    // Nagle's delay costs QoS 2 most of its latency, and mqtt.js leaves it on.
    if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true)
  }

  /** Between CONNACK and the end of the attempt we always wait for the broker: in `establish`. */
  function awaitNoSilence(): void {
    silence = setTimeout(() => {
      failure ??= new MqttError('MQTT_TIMEOUT', `connect ${address}: the broker stopped answering`, { host })
      client.stream.destroy()
    }, settings.connectTimeoutMs)
  }

  return {
    client,
    version,
    get address() {
      return address
    },
    get moved() {
      return moved
    },
    async connect(broker, establish) {
      ;({ host, address } = broker)
      Object.assign(client.options, destination(settings, broker))
      failure = undefined
      accepted = false
      phase = 'connecting'
      const connack = new Promise<IConnackPacket>((resolve) => (connected = resolve))
      const gone = new Promise<MqttError>((resolve) => (closed = resolve))
      dial()
      try {
        await Promise.race([connack.then(establish), gone.then((error) => Promise.reject(error))])
        if (isDown()) throw await gone
        phase = 'up'
        renewal.stands()
      } catch (error) {
        deliveries.excuse()
        client.stream.destroy()
        await gone
        throw error
      } finally {
        clearTimeout(silence)
        silence = undefined
      }
    },
    send: deliveries.send,
    get refused() {
      return deliveries.refused
    },
    ping() {
      return new Promise((resolve) => {
        client.on('packetreceive', function answered({ cmd }) {
          if (cmd !== 'pingresp') return
          client.off('packetreceive', answered)
          resolve()
        })
        client.sendPing()
      })
    },
    renew: renewal.ask,
    async end(timeoutMs) {
      ended = true
      deliveries.flush()
      if (phase !== 'down') {
        await new Promise<void>((resolve) => {
          const timeout = setTimeout(() => client.stream.destroy(), timeoutMs)
          client.once('close', () => {
            clearTimeout(timeout)
            resolve()
          })
          if (client.connected) client.end()
          else client.stream.destroy()
        })
      }
      // Clears mqtt.js' own timers; it cannot before it has had a stream.
      if (client.stream as MqttClient['stream'] | undefined) client.end(true)
    },
  }
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}
