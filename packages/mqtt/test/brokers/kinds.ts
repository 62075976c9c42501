import type { MqttOptions } from '../../src/index.js'
import { startAedes } from './aedes.js'
import { hasEjabberd, startEjabberd } from './ejabberd.js'
import { hasMosquitto, startMosquitto } from './mosquitto.js'
import { hasNats, startNats } from './nats.js'
import { hasRabbitmq, startRabbitmq } from './rabbitmq.js'

/** A broker that runs. */
export interface RunningBroker {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** What a broker can do beyond connecting, subscribing and QoS 0 and 1: a row of the table in the README, each cell tested. */
export interface BrokerAbilities {
  readonly 'MQTT 5': boolean
  readonly 'QoS 2': boolean
  /** A message retained under `a/b` is sent to who subscribes to `a/#`. */
  readonly 'retained, to a wildcard': boolean
  readonly 'kept session': boolean
  readonly will: boolean
  readonly 'shared subscription': boolean
}

/** A broker as Debian (or npm) has it, and what it can do. */
export interface BrokerKind {
  readonly name: string
  readonly version: string
  /** Why its tests are skipped, where they are. */
  readonly missing: string | undefined
  /** What its clients need beside the URL. */
  readonly options: Partial<MqttOptions>
  readonly abilities: BrokerAbilities
  /** Tests of the transport contract it cannot pass, and why. */
  readonly cannot?: Readonly<Record<string, string>>
  start(): Promise<RunningBroker>
}

const all: BrokerAbilities = {
  'MQTT 5': true,
  'QoS 2': true,
  'retained, to a wildcard': true,
  'kept session': true,
  will: true,
  'shared subscription': true,
}

export const brokerKinds: readonly BrokerKind[] = [
  {
    name: 'Mosquitto',
    version: '2.0.11',
    missing: hasMosquitto ? undefined : 'mosquitto is not installed',
    options: {},
    abilities: all,
    start: startMosquitto,
  },
  {
    name: 'ejabberd',
    version: '23.01',
    missing: hasEjabberd ? undefined : 'ejabberd is not installed',
    options: { username: 'butler@localhost', password: 'any' },
    abilities: { ...all, 'shared subscription': false },
    start: startEjabberd,
  },
  {
    name: 'RabbitMQ',
    version: '3.10.8',
    missing: hasRabbitmq ? undefined : 'rabbitmq-server is not installed',
    options: {},
    abilities: { ...all, 'MQTT 5': false, 'QoS 2': false, 'retained, to a wildcard': false, 'shared subscription': false },
    start: startRabbitmq,
  },
  {
    name: 'NATS',
    version: '2.9.10',
    missing: hasNats ? undefined : 'nats-server is not installed',
    options: {},
    abilities: { ...all, 'MQTT 5': false, 'QoS 2': false, 'shared subscription': false },
    async start() {
      const { servers, close } = await startNats()
      const { url = '', port = 0 } = servers[0] ?? {}
      return { url, port, close }
    },
  },
  {
    name: 'aedes',
    version: '1.2.0',
    missing: undefined,
    options: {},
    abilities: { ...all, 'MQTT 5': false, 'shared subscription': false },
    cannot: { 'marks as duplicate what it delivers again': 'aedes does not set the DUP flag' },
    start: () => startAedes(),
  },
]

/** The abilities as a table in Markdown. */
export function abilitiesTable(): string {
  const columns = Object.keys(all) as (keyof BrokerAbilities)[]
  const row = (first: string, cells: readonly string[]) => `| ${[first, ...cells].join(' | ')} |`
  const rows = brokerKinds.map(({ name, version, abilities }) =>
    row(
      `${name} ${version}`,
      columns.map((column) => (abilities[column] ? 'yes' : 'no')),
    ),
  )
  return [row('Broker', columns), `|${'---|'.repeat(columns.length + 1)}`, ...rows].join('\n')
}
