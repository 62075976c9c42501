import type { MqttOptions } from '../../src/index.js'
import { startAedes } from './aedes.js'
import type { RunningBroker } from './broker-process.js'
import { hasEjabberd, startEjabberd } from './ejabberd.js'
import { hasMosquitto, startMosquitto } from './mosquitto.js'
import { hasNats, startNats } from './nats.js'
import { hasRabbitmq, startRabbitmq } from './rabbitmq.js'

/** What a broker can do beyond connecting, subscribing and QoS 0 and 1: the table in the README, each cell tested. */
export interface BrokerAbilities {
  readonly 'MQTT 5': boolean
  readonly 'QoS 2': boolean
  /** A message retained under `a/b` is sent to who subscribes to `a/#`. */
  readonly 'retained, to a wildcard': boolean
  readonly 'kept session': boolean
  readonly will: boolean
  readonly 'shared subscription': boolean
  /** A filter that begins with a wildcard leaves out topics that begin with `$`: MQTT 5.0, section 4.7.2. */
  readonly '`$…` apart': boolean
  /** Clients may exchange messages under topics that begin with `$`. */
  readonly 'own `$…`': boolean
  /** It sends the next message of QoS 1 before the one before is acknowledged. */
  readonly 'several in work': boolean
  /** What it sends again keeps its packet identifier, so that it is known again: MQTT 3.1.1, section 4.4. */
  readonly 'same identifier again': boolean
  /** A filter subscribed to on an earlier connection of a kept session can be unsubscribed from on a later one. */
  readonly 'UNSUBSCRIBE after resuming': boolean
  /** With MQTT 3.1.1, what a client may not publish is dropped in silence, and the connection stays. */
  readonly 'stays after a publish it forbids': boolean
  /** What it sends again is marked as duplicate. */
  readonly 'DUP flag': boolean
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
  start(): Promise<RunningBroker>
}

/** What it means where a broker lacks an ability. */
const otherwise: Readonly<Record<keyof BrokerAbilities, string>> = {
  'MQTT 5': 'no answers, no user properties, no reasons',
  'QoS 2': 'a route or a publish of QoS 2 fails, saying so',
  'retained, to a wildcard': 'a retained message comes to a filter without wildcards only',
  'kept session': 'what comes while we are away is lost',
  will: 'nobody is told of a crash',
  'shared subscription': 'a group fails at `start()`, saying so',
  '`$…` apart': '`#` and `+/…` hear topics that begin with `$`, its own among them; they are handed to no route',
  'own `$…`': 'a message there is refused (MQTT 5) or dropped in silence (3.1.1)',
  'several in work': 'one message of QoS 1 or 2 at a time, and none after one that was left until it comes again (`redeliverMs`)',
  'same identifier again': 'what is in its handler when the link is cut is handed on twice: see `dedupe`',
  'UNSUBSCRIBE after resuming': 'a filter given up after a reconnect goes on; what has no route is acknowledged and counted',
  'stays after a publish it forbids': 'it hangs up each time; after five times the publish fails with `MQTT_PUBLISH_REFUSED`',
  'DUP flag': '`duplicate` is never true',
}

const allAbilities = Object.keys(otherwise) as (keyof BrokerAbilities)[]

const all = Object.fromEntries(allAbilities.map((ability) => [ability, true])) as unknown as BrokerAbilities

export const brokerKinds: readonly BrokerKind[] = [
  {
    name: 'Mosquitto',
    version: '2.0.11',
    missing: hasMosquitto ? undefined : 'mosquitto is not installed',
    options: {},
    abilities: all,
    start: () =>
      startMosquitto({
        files: { acl: ['topic readwrite #', 'topic readwrite $butlerkit/#', 'topic deny guarded/#'].join('\n') },
        lines: ['allow_anonymous true', 'acl_file {dir}/acl'],
      }),
  },
  {
    name: 'ejabberd',
    version: '23.01',
    missing: hasEjabberd ? undefined : 'ejabberd is not installed',
    options: { username: 'butler@localhost', password: 'any' },
    abilities: { ...all, 'shared subscription': false, 'own `$…`': false, 'several in work': false },
    start: startEjabberd,
  },
  {
    name: 'RabbitMQ',
    version: '3.10.8',
    missing: hasRabbitmq ? undefined : 'rabbitmq-server is not installed',
    options: {},
    abilities: {
      ...all,
      'MQTT 5': false,
      'QoS 2': false,
      'retained, to a wildcard': false,
      'shared subscription': false,
      '`$…` apart': false,
      'same identifier again': false,
      'UNSUBSCRIBE after resuming': false,
      'stays after a publish it forbids': false,
    },
    start: startRabbitmq,
  },
  {
    name: 'NATS',
    version: '2.9.10',
    missing: hasNats ? undefined : 'nats-server is not installed',
    options: {},
    abilities: { ...all, 'MQTT 5': false, 'QoS 2': false, 'shared subscription': false, '`$…` apart': false },
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
    abilities: { ...all, 'MQTT 5': false, 'shared subscription': false, 'stays after a publish it forbids': false, 'DUP flag': false },
    start: () =>
      startAedes({
        authorizePublish: (_client, { topic }, done) => done(topic.startsWith('guarded/') ? new Error('guarded') : null),
      }),
  },
]

/** Tests of the transport contract that rest on an ability, beyond those it exempts by itself. */
const restsOn: Partial<Record<keyof BrokerAbilities, readonly string[]>> = {
  'retained, to a wildcard': [
    'hands a retained message to later subscriptions, marked, and the next one unmarked',
    'does not ask again for what it is subscribed to',
  ],
  '`$…` apart': ['keeps topics that begin with $ away from filters that begin with a wildcard'],
  'own `$…`': ['delivers to $butlerkit/+ what it matches, and nothing else'],
  'several in work': [
    'hands on the next message while one is being handled',
    'delivers again what was left, and not what was acknowledged',
    'marks as duplicate what it delivers again',
  ],
  'same identifier again': [
    'hands on once a message of QoS 1 that is being handled while the connection is lost and comes back',
    'hands on once a message of QoS 1 that was handled while the connection was lost',
  ],
  'DUP flag': ['marks as duplicate what it delivers again'],
}

/** Tests of the transport contract that cannot pass on a broker with these abilities, and why. */
export function cannotPass(abilities: BrokerAbilities): Readonly<Record<string, string>> {
  const lacking = allAbilities.filter((ability) => !abilities[ability])
  return Object.fromEntries(lacking.flatMap((ability) => (restsOn[ability] ?? []).map((test) => [test, otherwise[ability]])))
}

/** The abilities as a table in Markdown. */
export function abilitiesTable(): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rows = allAbilities.map((ability) =>
    row([ability, ...brokerKinds.map(({ abilities }) => (abilities[ability] ? 'yes' : 'no')), otherwise[ability]]),
  )
  const head = row(['', ...brokerKinds.map(({ name, version }) => `${name} ${version}`), 'Where not'])
  return [head, `|${'---|'.repeat(brokerKinds.length + 2)}`, ...rows].join('\n')
}
