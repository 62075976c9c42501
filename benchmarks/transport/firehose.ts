// A broker that only writes prepared packets to its one subscriber, and counts what it acknowledges; and takes what is published.
// Nothing is routed or kept, so that what is measured is the client.
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { filters, payloadOf, readWorkload, topicName } from './workload.js'

const { qos, bytes, count, warm, rate } = readWorkload()
const [wanted] = filters
/** Unacknowledged messages at a time. */
const window = 20_000
/** Messages that do not wait for their time. */
const poured = rate === 0 ? warm + count : warm
/** Between what is poured and what is timed, in milliseconds. */
const pause = 500

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  let rest: Buffer = Buffer.alloc(0)
  const hose = createHose(socket)
  socket.on('data', (chunk) => {
    let bytesLeft = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const answers: Buffer[] = []
    for (;;) {
      const packet = firstPacket(bytesLeft)
      if (packet === undefined) break
      bytesLeft = bytesLeft.subarray(packet.length)
      answer(packet, answers, hose)
    }
    rest = bytesLeft
    if (answers.length > 0) socket.write(answers.length === 1 ? (answers[0] as Buffer) : Buffer.concat(answers))
  })
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))

interface Hose {
  start(): void
  /** So many deliveries have ended. */
  ended(): void
}

function answer(packet: Buffer, answers: Buffer[], hose: Hose): void {
  const type = (packet[0] ?? 0) >> 4
  if (type === 1) answers.push(Buffer.from([0x20, 2, 0, 0]))
  else if (type === 8) {
    answers.push(grant(packet))
    // Not to a transport that only asks what the broker can do.
    if (packet.includes(wanted)) setImmediate(hose.start)
  } else if (type === 4 || type === 7) hose.ended()
  else if (type === 5) answers.push(Buffer.from([0x62, 2, packet[2] ?? 0, packet[3] ?? 0]))
  else if (type === 6) answers.push(Buffer.from([0x70, 2, packet[2] ?? 0, packet[3] ?? 0]))
  else if (type === 12) answers.push(Buffer.from([0xd0, 0]))
  else if (type === 3) acknowledge(packet, answers)
}

/** As many codes as there are filters. */
function grant(packet: Buffer): Buffer {
  const id = headLength(packet)
  const codes: number[] = []
  for (let at = id + 2; at < packet.length; at += 3 + packet.readUInt16BE(at)) codes.push(qos)
  return Buffer.from([0x90, 2 + codes.length, packet[id] ?? 0, packet[id + 1] ?? 0, ...codes])
}

function acknowledge(packet: Buffer, answers: Buffer[]): void {
  const level = ((packet[0] ?? 0) >> 1) & 3
  if (level === 0) return
  const at = headLength(packet)
  const id = at + 2 + packet.readUInt16BE(at)
  answers.push(Buffer.from([level === 1 ? 0x40 : 0x50, 2, packet[id] ?? 0, packet[id + 1] ?? 0]))
}

function createHose(socket: Socket): Hose {
  let sent = 0
  let open = 0
  let started = false
  let blocked = false
  let ticking = false
  const prepared = Array.from({ length: qos === 0 ? 1 : window }, (_, index) => publish(index + 1, payloadOf(bytes)))
  const together = Buffer.concat(Array.from({ length: 200 }, () => prepared[0] as Buffer))

  function pour(): void {
    while (!blocked && sent < poured && open < window) {
      const some = qos === 0 ? Math.min(200, poured - sent) : Math.min(100, window - open, poured - sent)
      // Only when there is room for some: a real broker writes in batches, too.
      if (qos > 0 && some < 100 && sent + some < poured) return
      const chunk = qos === 0 ? together.subarray(0, some * (prepared[0] as Buffer).length) : Buffer.concat(next(some))
      sent += some
      if (qos > 0) open += some
      blocked = !socket.write(chunk)
    }
    if (sent === poured && open === 0 && rate > 0 && !ticking) {
      ticking = true
      setTimeout(tick, pause)
    }
  }

  function next(some: number): Buffer[] {
    return Array.from({ length: some }, (_, index) => prepared[(sent + index) % window] as Buffer)
  }

  function tick(): void {
    if (sent === warm + count) return
    socket.write(publish((sent % 60_000) + 1, payloadOf(bytes, process.hrtime.bigint())))
    sent += 1
    setTimeout(tick, 1_000 / rate)
  }

  socket.on('drain', () => {
    blocked = false
    pour()
  })
  return {
    start() {
      if (started) return
      started = true
      pour()
    },
    ended() {
      open -= 1
      pour()
    },
  }
}

function publish(id: number, payload: string): Buffer {
  const name = Buffer.from(topicName)
  const body = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 0xff]),
    name,
    ...(qos === 0 ? [] : [Buffer.from([id >> 8, id & 0xff])]),
    Buffer.from(payload),
  ])
  const length: number[] = []
  for (let left = body.length; ; left >>= 7) {
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0))
    if (left <= 0x7f) break
  }
  return Buffer.concat([Buffer.from([0x30 | (qos << 1), ...length]), body])
}

function firstPacket(from: Buffer): Buffer | undefined {
  let length = 0
  for (let index = 1; index < 5; index += 1) {
    const byte = from[index]
    if (byte === undefined) return undefined
    length |= (byte & 0x7f) << (7 * (index - 1))
    if (byte < 0x80) return from.length >= index + 1 + length ? from.subarray(0, index + 1 + length) : undefined
  }
  return undefined
}

function headLength(packet: Buffer): number {
  let index = 1
  while ((packet[index] ?? 0) > 0x7f) index += 1
  return index + 1
}
