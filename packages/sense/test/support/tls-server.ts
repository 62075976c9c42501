import { once } from 'node:events'
import { createServer, type ServerOptions } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A server on a free port of this machine. */
export interface PortServer extends AsyncDisposable {
  readonly port: number
  /** Requests that were answered. */
  readonly requests: number
  /** Resolves once nobody is connected. */
  deserted(): Promise<void>
}

/** Speaks HTTPS as told, and answers everything with `{}`. */
export async function startTlsServer(tls: ServerOptions): Promise<PortServer> {
  let requests = 0
  const server = createServer(tls, (_, response) => {
    requests++
    response.end('{}')
  })
  server.on('tlsClientError', () => {})
  // Connections stay open until somebody closes them.
  server.keepAliveTimeout = 0
  const close = await listen(server)
  return {
    ...close,
    get requests() {
      return requests
    },
  }
}

/** Does with each connection what it is told to. */
export async function startTcpServer(onConnection: (socket: Socket) => void): Promise<PortServer> {
  return { ...(await listen(createTcpServer(onConnection))), requests: 0 }
}

async function listen(server: Server): Promise<Omit<PortServer, 'requests'>> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async deserted() {
      await Promise.all([...sockets].map((socket) => once(socket, 'close')))
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
