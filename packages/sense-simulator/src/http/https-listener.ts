import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { messageOf, type Logger } from '@butlerkit/core'
import type { Activity } from '../activity.js'
import { SimulatorError } from '../errors.js'

/** The server's certificate and key, and the authority client certificates must come from. */
export type ListenerTls = Required<Pick<ServerOptions<never>, 'cert' | 'key'>> & Pick<ServerOptions<never>, 'ca'>

/** Answers a request, at once or later. @param reset - breaks the connection off, as TCP does */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse, reset: () => void) => void

/** Takes over the socket of a request to upgrade. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Where to listen, and as whom. */
export interface HttpsListenerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Without `ca`, clients need no certificate. */
  readonly tls: ListenerTls
  readonly request: RequestHandler
  /** @defaultValue requests to upgrade are answered as any other */
  readonly upgrade?: Upgrade
  /** Told of handshakes. */
  readonly activity: Activity
  readonly logger: Logger
}

/** A listening server. */
export interface HttpsListener {
  readonly port: number
  /** Shows another certificate from the next handshake on. */
  useCertificate(tls: ListenerTls): void
  /** Lets what is under way finish, for a second at most, and closes every connection. */
  close(): Promise<void>
}

const graceMs = 1_000

/**
 * Listens for HTTPS, with mutual TLS where an authority for clients is given: who has no certificate of it does not get in.
 *
 * @throws {@link SimulatorError} `SITE_NOT_LISTENING` when the address cannot be had
 */
export async function openHttpsListener({ host, port, tls, activity, logger, ...handlers }: HttpsListenerOptions): Promise<HttpsListener> {
  const shakingHands = new Map<Socket, () => void>()
  const sockets = new Set<Socket>()
  const mutual = tls.ca !== undefined
  const server = createServer({ ...tls, requestCert: mutual, rejectUnauthorized: mutual }, (request, response) => {
    // Not while Node still parses the request: it would keep a connection without a socket, and stumble over it in `close`.
    handlers.request(request, response, () => setImmediate(resetConnection, request.socket))
  })
  if (handlers.upgrade) server.on('upgrade', handlers.upgrade)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    shakingHands.set(socket, activity.begin())
    socket.once('close', () => {
      sockets.delete(socket)
      shaken(socket)
    })
  })
  // The handshake's end tells of the encrypted socket only, which knows no more of the raw one than its address.
  server.on('secureConnection', ({ remotePort }) => {
    for (const socket of shakingHands.keys()) if (socket.remotePort === remotePort) shaken(socket)
  })
  server.on('tlsClientError', (error) => logger.debug('handshake refused', { reason: error.message }))

  server.listen(port, host)
  await once(server, 'listening').catch((cause: unknown) => {
    throw new SimulatorError('SITE_NOT_LISTENING', `cannot listen on ${host}:${port}: ${messageOf(cause)}`, { cause })
  })

  return {
    port: (server.address() as AddressInfo).port,
    useCertificate: (next) => server.setSecureContext(next),
    async close() {
      const closed = once(server, 'close')
      server.close()
      await Promise.race([activity.idle(), wait(graceMs)])
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }

  // Only the raw socket can be reset; the encrypted one knows no more of it than its address.
  function resetConnection(encrypted: Socket): void {
    for (const socket of sockets) if (socket.remotePort === encrypted.remotePort) socket.resetAndDestroy()
    encrypted.destroy()
  }

  function shaken(socket: Socket): void {
    shakingHands.get(socket)?.()
    shakingHands.delete(socket)
  }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref())
