import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'

/** Bytes of MQTT packets, for one protocol version. */
export function packets(version: 4 | 5) {
  const noProperties = version === 5 ? [0] : []
  const kept = version === 5 ? [5, 0x11, 0, 0, 14, 16] : []
  const packet = (first: number, ...body: number[]) => Buffer.from([first, body.length, ...body])
  return {
    /** Keeps its session for an hour. */
    connect: (clientId: string) =>
      packet(0x10, 0, 4, ...Buffer.from('MQTT'), version, 0, 0, 60, ...kept, 0, clientId.length, ...Buffer.from(clientId)),
    connack: (sessionPresent: boolean, code = 0) => packet(0x20, Number(sessionPresent), code, ...noProperties),
    publish: (topic: string, payload: string, { qos = 0, id = 0, dup = false } = {}) =>
      packet(
        0x30 | (dup ? 8 : 0) | (qos << 1),
        0,
        topic.length,
        ...Buffer.from(topic),
        ...(qos > 0 ? [id >> 8, id & 0xff] : []),
        ...noProperties,
        ...Buffer.from(payload),
      ),
    aliased: (alias: number) => packet(0x30, 0, 1, 0x61, 3, 0x23, alias >> 8, alias & 0xff),
    puback: (id: number) => packet(0x40, id >> 8, id & 0xff),
    pubrec: (id: number) => packet(0x50, id >> 8, id & 0xff),
    pubrel: (id: number) => packet(0x62, id >> 8, id & 0xff),
    disconnect: (reasonCode: number) => packet(0xe0, reasonCode),
    pubcomp: (id: number) => packet(0x70, id >> 8, id & 0xff),
  }
}

/** One connection a client made, after its CONNECT was read. */
export interface WireConnection {
  /** The protocol version its CONNECT asked for: 4 is MQTT 3.1.1. */
  readonly version: number | undefined
  write(...packets: readonly Buffer[]): void
  /** All the client has sent since the last call, up to and without `marker`, as soon as `marker` is there. */
  readUntil(marker: Buffer): Promise<Buffer>
  /** The next so many bytes, as soon as they are there. */
  read(length: number): Promise<Buffer>
  destroy(): void
  /** Resolves once the client has closed. */
  readonly closed: Promise<unknown>
}

/** Answers the SUBSCRIBE of MQTT 3.1.1 for this one filter with QoS 1. */
export async function grant(connection: WireConnection, filter: string): Promise<void> {
  const before = await connection.readUntil(Buffer.from(filter))
  // Before the filter stand the packet identifier and the length of the filter.
  connection.write(Buffer.concat([Buffer.from([0x90, 3]), before.subarray(-4, -2), Buffer.from([1])]))
}

/** What a client of MQTT 3.1.1 asks for to learn the highest quality of service. */
export const qosQuestion = 'butlerkit/probe/qos'

/** A broker that says what the test says, byte by byte. */
export async function startWireBroker() {
  const sockets = new Set<Socket>()
  const accepted: WireConnection[] = []
  const waiting: ((connection: WireConnection) => void)[] = []
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    let received = Buffer.alloc(0)
    let changed = () => {}
    const take = (length: () => number, skip: number) =>
      new Promise<Buffer>((resolve) => {
        changed = () => {
          const end = length()
          if (end === -1) return
          changed = () => {}
          resolve(received.subarray(0, end))
          received = received.subarray(end + skip)
        }
        changed()
      })
    socket.once('data', (connect) => {
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk])
        changed()
      })
      const connection: WireConnection = {
        // After the fixed header, and `MQTT` with its length.
        version: connect[connect.indexOf('MQTT') + 4],
        write: (...list) => void socket.write(Buffer.concat(list)),
        readUntil: (marker) => take(() => received.indexOf(marker), marker.length),
        read: (length) => take(() => (received.length >= length ? length : -1), 0),
        destroy: () => socket.destroy(),
        closed: once(socket, 'close'),
      }
      const next = waiting.shift()
      if (next) next(connection)
      else accepted.push(connection)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    /** The next connection, once its CONNECT is there. */
    accept(): Promise<WireConnection> {
      const [ready] = accepted.splice(0, 1)
      return ready ? Promise.resolve(ready) : new Promise((resolve) => waiting.push(resolve))
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
