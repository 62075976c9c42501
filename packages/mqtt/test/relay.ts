import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP relay in front of a broker, to cut its connections and to see the client's bytes. */
export interface Relay {
  readonly port: number
  readonly url: string
  /** Cuts every connection, as a network does. */
  cut(): void
  close(): Promise<void>
}

/** @param sent - told of every chunk of bytes a client sends */
export async function startRelay(target: number, sent: (chunk: Buffer) => void = () => {}): Promise<Relay> {
  const sockets = new Set<Socket>()
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((client) => {
    const broker = connect(target, '127.0.0.1')
    for (const [socket, other] of [[client, broker] as const, [broker, client] as const]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
    client.on('data', sent)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    cut,
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
