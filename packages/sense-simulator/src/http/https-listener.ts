import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { messageOf, type Logger } from '@butlerkit/core'
import { SimulatorError } from '../errors.js'

/** The server's certificate and key, and the authority client certificates must come from. */
export type ListenerTls = Required<Pick<ServerOptions<never>, 'cert' | 'key'>> & Pick<ServerOptions<never>, 'ca'>

/** Where to listen, and as whom. */
export interface HttpsListenerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Without `ca`, clients need no certificate. */
  readonly tls: ListenerTls
  /** Answers a request, at once or later. */
  request(request: IncomingMessage, response: ServerResponse): void
  /** Takes over the socket of a request to upgrade. @defaultValue such requests are refused */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  readonly logger: Logger
}

/** A listening server. */
export interface HttpsListener {
  readonly port: number
  /** Shows another certificate from the next handshake on. */
  useCertificate(tls: ListenerTls): void
  /** Resolves once no request and no handshake is under way, for some turns of the event loop on end. */
  idle(): Promise<void>
  /** Lets what is under way finish, for a second at most, and closes every connection. */
  close(): Promise<void>
}

const graceMs = 1_000
/** A request from this process shows itself to the server within a turn or two. */
const quietTurns = 5

/**
 * Listens for HTTPS, with mutual TLS where an authority for clients is given: who has no certificate of it does not get in.
 *
 * @throws {@link SimulatorError} `SITE_NOT_LISTENING` when the address cannot be had
 */
export async function openHttpsListener({ host, port, tls, logger, ...handlers }: HttpsListenerOptions): Promise<HttpsListener> {
  const underWay = new Set<object>()
  const sockets = new Set<Socket>()
  const mutual = tls.ca !== undefined
  const server = createServer({ ...tls, requestCert: mutual, rejectUnauthorized: mutual }, (request, response) => {
    underWay.add(response)
    response.once('close', () => underWay.delete(response))
    handlers.request(request, response)
  })
  if (handlers.upgrade) server.on('upgrade', handlers.upgrade)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    underWay.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      underWay.delete(socket)
    })
  })
  // The handshake's end tells of the encrypted socket only, which knows no more of the raw one than its address.
  server.on('secureConnection', ({ remotePort }) => {
    for (const socket of sockets) if (socket.remotePort === remotePort) underWay.delete(socket)
  })
  server.on('tlsClientError', (error) => logger.debug('handshake refused', { reason: error.message }))

  server.listen(port, host)
  await once(server, 'listening').catch((cause: unknown) => {
    throw new SimulatorError('SITE_NOT_LISTENING', `cannot listen on ${host}:${port}: ${messageOf(cause)}`, { cause })
  })

  return {
    port: (server.address() as AddressInfo).port,
    useCertificate: (next) => server.setSecureContext(next),
    idle,
    async close() {
      const closed = once(server, 'close')
      server.close()
      await Promise.race([idle(), wait(graceMs)])
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }

  async function idle(): Promise<void> {
    for (let quiet = 0; quiet < quietTurns; quiet = underWay.size === 0 ? quiet + 1 : 0) await eventLoopTurn()
  }
}

const eventLoopTurn = () => new Promise((resolve) => setImmediate(resolve))
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref())
