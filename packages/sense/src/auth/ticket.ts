import { systemClock, silent } from '@butlerkit/core'
import { z } from 'zod'
import { SenseError } from '../errors.js'
import { createAgent } from '../http/agent.js'
import { originOf } from '../http/origin.js'
import { createQrsClient } from '../qrs/client.js'
import { parseUser } from '../user.js'
import { throughProxy, type CertificateAuth, type LoginSite, type ProxyAuth, type VirtualProxyOptions } from './auth.js'
import { certificateIdentity } from './identity.js'

/** Who gets a ticket, and by which right. */
export interface TicketOptions extends VirtualProxyOptions {
  /** Made by `certificate`: the right to ask the proxy's API (port 4243) for tickets. */
  readonly certificate: CertificateAuth
  /** Whom the ticket is for, `DIRECTORY\user`. */
  readonly user: string
  /** Groups and other attributes of the user, name to value, for the security rules. @defaultValue none */
  readonly attributes?: Readonly<Record<string, string>> | undefined
}

const ticketWire = z.object({ Ticket: z.string() })

/**
 * Authentication with tickets: good for a minute and for one use, so a fresh one is fetched for each session and exchanged at once.
 *
 * @throws {@link SenseError} `SENSE_OPTION` for an option that cannot be used
 * @see Qlik Sense Proxy Service API: Ticket: Add
 */
export function ticket({ certificate, user, attributes = {}, ...options }: TicketOptions): ProxyAuth {
  const proxy = throughProxy(options)
  const { directory, id } = parseUser(user)
  if (certificate.kind !== 'certificate') throw new SenseError('SENSE_OPTION', 'certificate must be made by certificate(…)')
  const body = { UserDirectory: directory, UserId: id, Attributes: Object.entries(attributes).map(([name, value]) => ({ [name]: value })) }
  const path = `/qps/${proxy.virtualProxy === '' ? '' : `${proxy.virtualProxy}/`}ticket`

  return { kind: 'ticket', ...proxy, prove: async (site) => ({ query: { qlikTicket: await fetchTicket(site) } }) }

  async function fetchTicket({ host, proxyApiPort, timeoutMs, connectTimeoutMs }: LoginSite): Promise<string> {
    const agent = createAgent({ auth: certificate, servername: undefined, connectTimeoutMs, connections: 1 })
    const { signal: closed } = new AbortController()
    const origin = originOf(host, proxyApiPort)
    const identity = certificateIdentity()
    try {
      const client = createQrsClient({ origin, dispatcher: agent, identity, timeoutMs, clock: systemClock, logger: silent, closed })
      return (await client.json({ method: 'POST', path, json: body }, ticketWire)).Ticket
    } finally {
      await agent.close()
    }
  }
}
