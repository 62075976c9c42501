import { check } from './check.js'
import { MqttError } from './errors.js'

/** The schemes of a broker's URL. */
export type Scheme = 'mqtt' | 'mqtts' | 'ws' | 'wss'

/** Where a broker is, and who we are there. Stays inside: it holds secrets. */
export interface Broker {
  readonly host: string
  readonly port: number
  /** Path and query of a websocket. */
  readonly path: string
  /** Scheme, host and port: what may be shown. */
  readonly address: string
  readonly username: string | undefined
  readonly password: string | Buffer | undefined
}

/** Brokers to be tried one after the other: one at least, all of one scheme. */
export type Brokers = readonly [Broker, ...Broker[]]

/** User name and password for all brokers, which win over those in a URL. */
interface Credentials {
  readonly username?: string
  readonly password?: string | Buffer
}

const defaultPorts = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 } as const

/** @throws {@link MqttError} `MQTT_OPTIONS` naming `url`, or `url[1]` where it is a list */
export function readBrokers(
  url: string | readonly string[],
  credentials: Credentials,
): { readonly scheme: Scheme; readonly brokers: Brokers } {
  const isList = Array.isArray(url)
  const texts: readonly string[] = isList ? url : [url as string]
  const [first, ...others] = texts.map((text, index) => readBroker(isList ? `url[${index}]` : 'url', text, credentials))
  check(first !== undefined, 'url', 'must name a broker')
  const other = others.findIndex(({ scheme }) => scheme !== first.scheme)
  check(other === -1, `url[${other + 1}]`, `must begin with ${first.scheme}, as the first does`)
  return { scheme: first.scheme, brokers: [first.broker, ...others.map(({ broker }) => broker)] }
}

function readBroker(
  field: string,
  text: string,
  { username, password }: Credentials,
): { readonly scheme: Scheme; readonly broker: Broker } {
  check(typeof text === 'string' && URL.canParse(text), field, 'must be a URL such as mqtt://broker.lab:1883')
  const url = new URL(text)
  const scheme = url.protocol.slice(0, -1) as Scheme
  check(Object.hasOwn(defaultPorts, scheme), field, 'must begin with mqtt, mqtts, ws or wss')
  check(url.hostname !== '', field, 'must name a host')
  const port = url.port === '' ? defaultPorts[scheme] : Number(url.port)
  const broker = {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    path: `${url.pathname || '/'}${url.search}`,
    address: `${scheme}://${url.hostname}:${port}`,
    username: username ?? decode(field, url.username),
    password: password ?? decode(field, url.password),
  }
  return { scheme, broker }
}

/** @returns `undefined` where the URL has none */
function decode(field: string, text: string): string | undefined {
  try {
    return text === '' ? undefined : decodeURIComponent(text)
  } catch {
    throw new MqttError('MQTT_OPTIONS', `${field}: user name or password is not percent-encoded`)
  }
}
