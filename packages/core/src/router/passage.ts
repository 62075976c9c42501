import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { Store } from '../store/store.js'
import type { InboundMessage, OutboundMessage } from '../transport/transport.js'
import type { Publisher } from './message.js'
import type { ParkedMessage } from './parking.js'
import type { MessageReport, Report } from './reports.js'
import type { Route } from './router.js'
import type { Workload } from './workload.js'

/** What messages need of the butler around them. */
export interface PipelineHost {
  readonly services: object
  readonly clock: Clock
  readonly store: Store
  readonly logger: Logger
  readonly publisher: Publisher
  readonly workload: Workload
  readonly report: Report
  /** Sends bytes by this transport, or by the butler's other one where it cannot publish. */
  send(message: OutboundMessage, transport: string): Promise<void>
  /** Keeps a message for a later run of this route. */
  park(parked: ParkedMessage, route: Route): Promise<void>
}

/** One message on its way through one route. */
export interface Passage {
  readonly host: PipelineHost
  readonly route: Route
  readonly inbound: InboundMessage
  readonly report: MessageReport
  /** What a handler's `ack()` does. */
  readonly ack: () => void
}

/** How a passage ended. `left`: it is not done, and the sender should keep it. */
export type PassageOutcome = 'handled' | 'settled' | 'left'
