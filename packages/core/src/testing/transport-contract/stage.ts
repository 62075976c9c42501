import type { OutboundMessage, QoS, Subscription, Transport, TransportCapabilities } from '../../transport/transport.js'
import type { ContractStage } from '../contract.js'
import { recordSession, toBytes, type RecordingOptions, type RecordingSession } from '../recording-session.js'

/** Who a transport is at its broker. */
export interface BenchClient {
  /** Unique among the clients that are there at a time. */
  readonly clientId: string
  /** Whether the broker keeps its session while it is away. Only asked for where the transport has `ackControl`. */
  readonly durable: boolean
}

/** The surroundings of one test: a broker nobody else uses, and transports at it. */
export interface TransportBench {
  /** Makes a transport of the adapter. It is not opened yet, and comes back by itself within a second where it can. */
  transport(client: BenchClient): Transport | Promise<Transport>
  /** Breaks the connection of one of its transports, without a word to either side. Where it is missing, tests that need it are skipped. */
  disconnect?(transport: Transport): unknown
  /** Lets a transport come back, where `disconnect` keeps it away. @defaultValue it comes back by itself */
  reconnect?(transport: Transport): unknown
  /** Ends what the bench has started. Transports are closed by then. */
  close(): unknown
}

/** One client on the stage. */
export interface Player {
  readonly transport: Transport
  readonly session: RecordingSession
  publish(topic: string, text?: string, options?: Partial<Omit<OutboundMessage, 'topic'>>): Promise<void>
}

/** What a transport contract's tests play on. */
export interface TransportStage extends ContractStage {
  /** What the adapter can do at this broker. */
  readonly capabilities: TransportCapabilities
  readonly canDisconnect: boolean
  /** A transport that is not opened. It is closed with the stage. */
  make(client?: Partial<BenchClient>): Promise<Transport>
  /** A transport that is. Filters subscribe at the highest quality of service there is, 1 at most. */
  open(
    session?: Omit<RecordingOptions, 'subscriptions'> & { readonly filters?: readonly string[] },
    client?: Partial<BenchClient>,
  ): Promise<Player>
  subscription(filter: string): Subscription
  disconnect(player: Player): Promise<void>
  reconnect(player: Player): Promise<void>
}

export async function openTransportStage(open: () => TransportBench | Promise<TransportBench>): Promise<TransportStage> {
  const bench = await open()
  const transports: Transport[] = []
  let clients = 0
  // What the broker offers is certain only once a transport is open.
  const probe = await make()
  await probe.open(recordSession())
  const { capabilities } = probe
  await probe.close()
  const qos = Math.min(1, capabilities.qos) as QoS

  return {
    capabilities,
    canDisconnect: bench.disconnect !== undefined,
    make,
    async open({ filters = [], ...options } = {}, client = {}) {
      const transport = await make(client)
      const session = recordSession({ ...options, subscriptions: filters.map((filter) => ({ filter, qos })) })
      await transport.open(session)
      return {
        transport,
        session,
        publish: (topic, text = '', message = {}) => transport.publish({ topic, payload: toBytes(text), qos, retain: false, ...message }),
      }
    },
    subscription: (filter) => ({ filter, qos }),
    async disconnect({ transport, session }) {
      const before = session.healths.length
      await bench.disconnect?.(transport)
      await session.until(({ healths }) => healths.slice(before).some(({ state }) => state === 'reconnecting'))
    },
    async reconnect({ transport, session }) {
      await bench.reconnect?.(transport)
      await session.until(() => transport.health().state === 'connected')
    },
    async close() {
      await Promise.allSettled(transports.map((transport) => transport.close()))
      await bench.close()
    },
  }

  async function make({ clientId = `contract-${(clients += 1)}`, durable = false }: Partial<BenchClient> = {}): Promise<Transport> {
    const transport = await bench.transport({ clientId, durable })
    transports.push(transport)
    return transport
  }
}
