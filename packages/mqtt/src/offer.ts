import type { InboundMessage, QoS, TransportCapabilities } from '@butlerkit/core'
import type { IConnackPacket } from 'mqtt'
import { MqttError } from './errors.js'
import { askHighestQos } from './highest-qos.js'
import { limitsOf, type Limits } from './limits.js'
import type { Link } from './link.js'
import type { Settings } from './options.js'
import { createSharingProbe, type SharingProbe } from './sharing.js'

/** What the broker at the other end can do, as far as it has said or we have found out. */
export interface Offer {
  readonly limits: Limits
  readonly capabilities: TransportCapabilities
  /** Whether a connection has stood: before, we hope. */
  readonly certain: boolean
  /** The broker has taken us, with these properties. */
  accepted(link: Pick<Link, 'version' | 'moved'>, properties: IConnackPacket['properties']): void
  /** The broker has answered our subscriptions. */
  subscribed(grantedQos: QoS): void
  /** Finds out the highest quality of service of a broker of MQTT 3.1.1. Asks once: a broker may hang up on a question it does not allow. */
  learnQos(link: Link): Promise<void>
  /** @returns whether the connection was lost over a question that is not asked again */
  wasAsking(): boolean
  /** @returns whether the message is part of finding out, and for nobody else */
  hears(message: InboundMessage): boolean
  /**
   * Makes sure that the broker shares subscriptions, or that nobody can know.
   *
   * @throws {@link MqttError} `MQTT_UNSUPPORTED` where a broker would send us nothing, or everything
   */
  checkSharing(link: Link): Promise<void>
}

/** @param unsure - the broker of MQTT 3.1.1 does not let us find out whether it shares subscriptions */
export function createOffer({ protocol, connectTimeoutMs }: Settings, unsure: () => void): Offer {
  let limits = limitsOf(protocol === '3.1.1' ? 4 : 5)
  let certain = false
  let probe: SharingProbe | undefined
  /** Whether a broker of MQTT 3.1.1 shares subscriptions, as far as we have found out. */
  let shares: boolean | undefined
  /** The highest quality of service of a broker of MQTT 3.1.1, once it was asked. */
  let highestQos: QoS | undefined
  let asking = false
  let known: { readonly of: Limits; readonly offered: TransportCapabilities } | undefined

  /** Before the first connection we hope; where MQTT 3.1.1 was never asked to share, we do not promise it. */
  function isShared(): boolean {
    return limits.shares ?? shares ?? !certain
  }

  return {
    get limits() {
      return limits
    },
    get capabilities() {
      const shared = isShared()
      // Asked for with every message.
      if (known?.of !== limits || known.offered.sharedSubscriptions !== shared)
        known = { of: limits, offered: capabilitiesOf(limits, shared) }
      return known.offered
    },
    get certain() {
      return certain
    },
    accepted({ version, moved }, properties) {
      limits = limitsOf(version, properties)
      if (!moved) return
      shares = undefined
      highestQos = undefined
    },
    subscribed(grantedQos) {
      if (limits.version === 4) limits = { ...limits, qos: Math.min(highestQos ?? 2, grantedQos) as QoS }
      certain = true
    },
    async learnQos({ client }) {
      if (limits.version === 5 || highestQos !== undefined) return
      highestQos = 2
      asking = true
      highestQos = await askHighestQos(client)
      asking = false
    },
    wasAsking() {
      const was = asking
      asking = false
      return was
    },
    hears: (message) => probe?.hears(message) === true,
    async checkSharing(link) {
      if (limits.shares === undefined && shares === undefined) {
        probe = createSharingProbe()
        try {
          shares = await probe.run(link, connectTimeoutMs / 2)
        } catch (cause) {
          throw cause instanceof MqttError ? cause : notShared(link.address, cause)
        } finally {
          probe = undefined
        }
        if (shares === undefined) unsure()
      }
      if ((limits.shares ?? shares) === false) throw notShared(link.address)
    },
  }
}

/** @param address - of the broker */
export function notShared(address: string, cause?: unknown): MqttError {
  return new MqttError('MQTT_UNSUPPORTED', `${address} has no shared subscriptions, which a group needs`, { cause })
}

function capabilitiesOf({ version, qos, retain, subscriptionIds }: Limits, sharedSubscriptions: boolean): TransportCapabilities {
  const five = version === 5
  return {
    publish: true,
    qos,
    retain,
    reply: five,
    userProperties: five,
    ackControl: true,
    subscriptionIdentifiers: subscriptionIds,
    sharedSubscriptions,
  }
}
