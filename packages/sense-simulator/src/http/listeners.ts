import type { Clock, Logger } from '@butlerkit/core'
import type { Activity } from '../activity.js'
import type { FaultSource } from '../faults.js'
import type { RecordedRequest } from '../request-journal.js'
import type { Service } from './answer.js'
import { withUpgradeFaults } from './disturb-upgrade.js'
import { createFront } from './front.js'
import { openHttpsListener, type HttpsListener, type ListenerTls, type Upgrade } from './https-listener.js'

/** What all ports of a site have in common. */
export interface ListenersOptions {
  readonly host: string
  readonly tls: ListenerTls
  readonly faults: FaultSource
  readonly record: (request: RecordedRequest) => void
  readonly activity: Activity
  readonly clock: Clock
  readonly logger: Logger
}

/** What answers at a port. */
export interface Listening {
  readonly service: Service
  readonly upgrade?: Upgrade
  /** Clients need no certificate. @defaultValue false */
  readonly isPublic?: boolean
}

/** The ports of a site. */
export interface Listeners {
  /** @param port - 0 takes a free one. @returns the port @throws `SimulatorError` `SITE_NOT_LISTENING` */
  open(port: number | undefined, listening: Listening): Promise<number>
  /** Shows another certificate at all ports, from the next handshake on. */
  useCertificate(tls: ListenerTls): void
  close(): Promise<void>
}

/** Makes the ports of a site, none of them open. */
export function createListeners({ host, tls, faults, record, activity, clock, logger }: ListenersOptions): Listeners {
  const listeners: HttpsListener[] = []
  const { cert, key } = tls
  return {
    async open(port = 0, { service, upgrade, isPublic = false }) {
      const listener = await openHttpsListener({
        host,
        port,
        tls: isPublic ? { cert, key } : tls,
        request: createFront({ service, faults, record, activity, clock, logger }),
        ...(upgrade ? { upgrade: withUpgradeFaults(upgrade, faults, clock) } : {}),
        activity,
        logger,
      })
      listeners.push(listener)
      return listener.port
    },
    useCertificate(next) {
      for (const listener of listeners) listener.useCertificate(next)
    },
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()))
    },
  }
}
