/** What a client has asked a broker to subscribe it to, packet by packet, as `SUBSCRIBE a b` and `UNSUBSCRIBE c`. */
export interface PacketTap {
  readonly packets: readonly string[]
  /** For a fault proxy: the bytes the client sends. */
  sent(chunk: Buffer): void
  /** A new connection begins in the middle of nothing. */
  forget(): void
}

/** @param version - 4 is MQTT 3.1.1 */
export function createPacketTap(version: 4 | 5): PacketTap {
  const packets: string[] = []
  let unread = Buffer.alloc(0)
  return {
    packets,
    sent(chunk) {
      unread = Buffer.concat([unread, chunk])
      for (let packet = takePacket(unread); packet !== undefined; packet = takePacket(unread)) {
        unread = unread.subarray(packet.end)
        if (packet.type === 8) packets.push(['SUBSCRIBE', ...filtersOf(packet.body, version, 1)].join(' '))
        if (packet.type === 10) packets.push(['UNSUBSCRIBE', ...filtersOf(packet.body, version, 0)].join(' '))
      }
    },
    forget() {
      packets.length = 0
      unread = Buffer.alloc(0)
    },
  }
}

/** The first packet, if all of it is there. */
function takePacket(bytes: Buffer): { readonly type: number; readonly body: Buffer; readonly end: number } | undefined {
  if (bytes.length < 2) return undefined
  const length = readLength(bytes, 1)
  if (length === undefined || bytes.length < length.end + length.value) return undefined
  const end = length.end + length.value
  return { type: bytes[0]! >> 4, body: bytes.subarray(length.end, end), end }
}

/** MQTT's variable byte integer. @see MQTT 5.0, section 1.5.5 */
function readLength(bytes: Buffer, offset: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0
  for (let index = 0; index < 4; index += 1) {
    const byte = bytes[offset + index]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 128 ** index
    if (byte < 128) return { value, end: offset + index + 1 }
  }
  throw new Error('not MQTT')
}

/** @param more - bytes of options after each filter */
function filtersOf(body: Buffer, version: 4 | 5, more: number): string[] {
  const properties = version === 5 ? readLength(body, 2) : undefined
  const filters: string[] = []
  let offset = properties === undefined ? 2 : properties.end + properties.value
  while (offset < body.length) {
    const end = offset + 2 + body.readUInt16BE(offset)
    filters.push(body.toString('utf8', offset + 2, end))
    offset = end + more
  }
  return filters
}
