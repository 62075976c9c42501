import { connect, createServer, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { freePort } from '../brokers/free-port.js'

/** A TCP proxy in front of a broker that does what networks do. */
export interface FaultProxy {
  readonly port: number
  readonly url: string
  /** Connections there have been. */
  readonly connections: number
  /** Ends every connection, as an orderly network does. */
  cut(): void
  /** Ends every connection with RST. */
  reset(): void
  /** From now on bytes vanish in both directions, and nobody is told: a half-open link. New connections are taken and stay silent, too. */
  blackHole(): void
  /** Connections that come from now on work again; those that fell silent stay so. */
  heal(): void
  /** Ends each connection once its client has sent so many bytes more. */
  cutAfter(bytes: number): void
  /** Nobody listens here, until `up`. */
  down(): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

/** What is seen and done on the way. */
export interface FaultProxyOptions {
  /** Told of every chunk of bytes a client sends. */
  readonly sent?: (chunk: Buffer) => void
  /** Told of every chunk of bytes the broker sends. */
  readonly received?: (chunk: Buffer) => void
  /** Each chunk takes so many milliseconds on its way. @defaultValue 0 */
  readonly delayMs?: number
  /** Bytes per second in each direction. @defaultValue without bound */
  readonly bytesPerSecond?: number
}

interface Pair {
  readonly client: Socket
  readonly broker: Socket
  silent: boolean
}

export async function startFaultProxy(target: number, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const { sent = () => {}, received = () => {}, delayMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = options
  const pairs = new Set<Pair>()
  let connections = 0
  let silent = false
  let remaining = Number.POSITIVE_INFINITY
  let server: Server | undefined

  function accept(client: Socket): void {
    connections += 1
    const pair: Pair = { client, broker: connect(target, '127.0.0.1'), silent }
    pairs.add(pair)
    for (const socket of [client, pair.broker]) {
      socket.on('error', () => {})
      // A link that has fallen silent brings no farewell either.
      socket.on('close', () => !pair.silent && end(pair))
    }
    forward(pair, client, pair.broker, (chunk) => {
      sent(chunk)
      remaining -= chunk.length
      if (remaining > 0) return chunk
      const allowed = chunk.subarray(0, Math.max(0, chunk.length + remaining))
      remaining = Number.POSITIVE_INFINITY
      pair.broker.write(allowed, () => end(pair))
      return undefined
    })
    forward(pair, pair.broker, client, (chunk) => {
      received(chunk)
      return chunk
    })
  }

  function forward(pair: Pair, from: Socket, to: Socket, pass: (chunk: Buffer) => Buffer | undefined): void {
    const gate = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const go = () => done(undefined, pair.silent ? undefined : pass(chunk))
        const waitMs = delayMs + (chunk.length / bytesPerSecond) * 1_000
        if (waitMs === 0) go()
        else setTimeout(go, waitMs)
      },
    })
    from.pipe(gate).pipe(to, { end: false })
  }

  function end(pair: Pair): void {
    pairs.delete(pair)
    pair.client.destroy()
    pair.broker.destroy()
  }

  async function up(): Promise<void> {
    const listening = createServer(accept)
    await new Promise<void>((resolve, reject) => void listening.once('error', reject).listen(port, '127.0.0.1', resolve))
    server = listening
  }

  async function down(): Promise<void> {
    const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
    for (const pair of pairs) end(pair)
    await closed
    server = undefined
  }

  // One that stays ours while it is down.
  const port = await freePort()
  await up()

  return {
    up,
    down,
    port,
    url: `mqtt://127.0.0.1:${port}`,
    get connections() {
      return connections
    },
    cut() {
      for (const pair of pairs) end(pair)
    },
    reset() {
      for (const pair of pairs) pair.client.resetAndDestroy()
    },
    blackHole() {
      silent = true
      for (const pair of pairs) pair.silent = true
    },
    heal() {
      silent = false
    },
    cutAfter(bytes) {
      remaining = bytes
    },
    async close() {
      for (const pair of pairs) pair.silent = false
      await down()
    },
  }
}
