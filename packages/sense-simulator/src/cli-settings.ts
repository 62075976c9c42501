import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { messageOf } from '@butlerkit/core'
import type { UdpTarget } from './appender/log-appender.js'
import { demoSite } from './demo-site.js'
import type { SimulateSenseOptions } from './simulated-sense.js'
import { parseSite } from './site-schema.js'
import type { SiteSeed } from './site-seed.js'

/** How the program is used. */
export const usage = `A Qlik Sense site to build and test against.

Usage: sense-simulator [options]

  --port PORT            port of the repository service (default 4242); 0 takes a free one, here and below
  --engine-port PORT     port of the engine (default 4747)
  --proxy-port PORT      port of the proxy (default 4443)
  --proxy-api-port PORT  port of the proxy's own API, for tickets (default 4243)
  --host HOST            address to listen on (default 127.0.0.1)
  --certs DIR            where to write root.pem, client.pem and client_key.pem, anew at each start (default ./sense-certs)
  --site FILE            JSON file that says what is on the site (default: a demo)
  --udp-tasks HOST:PORT  where the scheduler's log appender sends to (default nowhere)
  --udp-users HOST:PORT  where the proxy's log appender sends to (default nowhere)
  --help                 show this
`

/** What the program is told to do. */
export type Settings = Required<
  Pick<SimulateSenseOptions, 'host' | 'port' | 'enginePort' | 'proxyPort' | 'proxyApiPort' | 'seed' | 'logAppender'>
> & {
  readonly certs: string
}

/**
 * Reads the program's options and the file they name; undefined where only help was wanted.
 *
 * @throws an `Error` with one line that names the option
 */
export async function readSettings(args: readonly string[]): Promise<Settings | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '4242' },
      'engine-port': { type: 'string', default: '4747' },
      'proxy-port': { type: 'string', default: '4443' },
      'proxy-api-port': { type: 'string', default: '4243' },
      host: { type: 'string', default: '127.0.0.1' },
      certs: { type: 'string', default: 'sense-certs' },
      site: { type: 'string' },
      'udp-tasks': { type: 'string' },
      'udp-users': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const tasks = values['udp-tasks']
  const users = values['udp-users']
  return {
    host: values.host,
    port: toPort(values.port, '--port', 0),
    enginePort: toPort(values['engine-port'], '--engine-port', 0),
    proxyPort: toPort(values['proxy-port'], '--proxy-port', 0),
    proxyApiPort: toPort(values['proxy-api-port'], '--proxy-api-port', 0),
    certs: values.certs,
    logAppender: {
      ...(tasks === undefined ? {} : { tasks: toTarget(tasks, '--udp-tasks') }),
      ...(users === undefined ? {} : { users: toTarget(users, '--udp-users') }),
    },
    seed: values.site === undefined ? demoSite : await readSite(values.site),
  }
}

async function readSite(file: string): Promise<SiteSeed> {
  try {
    return parseSite(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    throw new Error(`--site ${file}: ${messageOf(cause)}`, { cause })
  }
}

function toPort(text: string, option: string, least: number): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1
  if (port < least || port > 65_535) throw new Error(`${option} takes a port, ${least} to 65535, not '${text}'`)
  return port
}

function toTarget(text: string, option: string): UdpTarget {
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(text) ?? []
  if (host === undefined || port === undefined) throw new Error(`${option} takes HOST:PORT, not '${text}'`)
  return { host, port: toPort(port, option, 1) }
}
