import { Agent as HttpsAgent } from 'node:https'
import { join } from 'node:path'
import { certificate, createSense } from '@butlerkit/sense'
import { create as createAxios } from 'axios'
import QrsInteract from 'qrs-interact'
import { Pool } from 'undici'

/** The server, and what gets a client in. */
export interface Site {
  readonly host: string
  readonly port: number
  /** A folder with `client.pem` and `client_key.pem`. */
  readonly dir: string
  readonly cert: string
  readonly key: string
  readonly ca: string
  readonly user: { readonly directory: string; readonly id: string }
}

/** What is looked at of an app. */
interface Listed {
  readonly name: string
}

/** One way to ask for the list. */
export interface Client {
  readonly name: string
  /** How much less it is asked than the others: one that is far slower would make everybody wait. */
  readonly share: number
  /** Gives the apps, so that nobody gets away without reading them. */
  list(): Promise<readonly Listed[]>
  close(): Promise<void>
}

const key = '0123456789abcdef'
const path = `/qrs/app/full?xrfkey=${key}`
const mostConnections = 10

/** All of them. */
export function openClients(site: Site): Client[] {
  return [butlerkit(site, true), butlerkit(site, false), bareUndici(site), qrsInteract(site), axiosKeepAlive(site), butlersWay(site)]
}

/** The baseline. */
export const baseline = 'undici request'
/** Ours, by whether every item is checked. */
export const ours = { checked: '@butlerkit/sense, every item checked', plain: '@butlerkit/sense, without schemas' } as const
/** What our goals are about. */
export const others = { qrsInteract: 'qrs-interact', butlersWay: 'axios, a new agent each call (Butler)' } as const

function butlerkit({ host, port, cert, key: clientKey, ca, user }: Site, checked: boolean): Client {
  const sense = createSense({
    host,
    qrsPort: port,
    auth: certificate({ cert, key: clientKey, ca }),
    user: `${user.directory}\\${user.id}`,
    maxConnections: mostConnections,
  })
  return {
    name: checked ? ours.checked : ours.plain,
    share: 1,
    list: async () => (checked ? sense.qrs.apps.list() : ((await sense.qrs.get('/qrs/app/full')) as Listed[])),
    close: () => sense.close(),
  }
}

function bareUndici({ host, port, cert, key: clientKey, ca, user }: Site): Client {
  const pool = new Pool(`https://${host}:${port}`, { connections: mostConnections, connect: { cert, key: clientKey, ca } })
  const headers = headersOf(user)
  return {
    name: baseline,
    share: 1,
    async list() {
      const { body } = await pool.request({ method: 'GET', path, headers })
      return (await body.json()) as Listed[]
    },
    close: () => pool.close(),
  }
}

function qrsInteract({ host, port, dir, user }: Site): Client {
  const client = new QrsInteract({
    hostname: host,
    portNumber: port,
    certificates: { certFile: join(dir, 'client.pem'), keyFile: join(dir, 'client_key.pem') },
    repoAccount: `UserDirectory=${user.directory};UserId=${user.id}`,
  })
  return { name: others.qrsInteract, share: 1, list: async () => (await client.Get('app/full')).body as Listed[], close: async () => {} }
}

function axiosKeepAlive({ host, port, cert, key: clientKey, ca, user }: Site): Client {
  const httpsAgent = new HttpsAgent({ cert, key: clientKey, ca, keepAlive: true, maxSockets: mostConnections })
  const client = createAxios({ baseURL: `https://${host}:${port}`, httpsAgent, headers: headersOf(user) })
  return {
    name: 'axios, keep-alive',
    share: 1,
    list: async () => (await client.get<Listed[]>(path)).data,
    close: async () => httpsAgent.destroy(),
  }
}

/** A client and an agent of its own for each operation, and the server not verified, as its configuration has it. @see Butler, `src/qrs_client.js` */
function butlersWay({ host, port, cert, key: clientKey, ca, user }: Site): Client {
  return {
    name: others.butlersWay,
    share: 5,
    async list() {
      const httpsAgent = new HttpsAgent({ cert, key: clientKey, ca, rejectUnauthorized: false })
      const client = createAxios({ baseURL: `https://${host}:${port}`, httpsAgent, headers: headersOf(user) })
      return (await client.get<Listed[]>(path)).data
    },
    close: async () => {},
  }
}

function headersOf({ directory, id }: Site['user']): Record<string, string> {
  return { 'x-qlik-xrfkey': key, 'x-qlik-user': `UserDirectory=${directory}; UserId=${id}` }
}
