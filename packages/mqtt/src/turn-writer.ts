import type { MqttClient } from 'mqtt'

/** Collects what is written in one turn of the event loop, and writes it in one piece at its end. */
export interface TurnWriter {
  /** Where {@link reserve} made room last. */
  readonly bytes: Buffer
  /** Makes room for so many bytes, to be filled at once. @returns where in {@link bytes} it begins */
  reserve(length: number): number
  /** Adds bytes without copying them: they must stay as they are until {@link whenRoom}. */
  append(bytes: Uint8Array): void
  /** Calls back as soon as there is room for more and nothing of the caller's is held: at once, or once the socket has taken what there is. */
  whenRoom(callback: () => void): void
  /** Writes what there is now, and not at the end of the turn. */
  flush(): void
  /** From now on writes to this stream, or to none. What was not written is forgotten, and who waits is not called. */
  use(stream: MqttClient['stream'] | undefined): void
}

const chunkBytes = 65_536
/** Unwritten bytes from which on a writer has to wait. */
const highWaterBytes = 65_536

export function createTurnWriter(): TurnWriter {
  let stream: MqttClient['stream'] | undefined
  let bytes = Buffer.alloc(0)
  /** What is filled and not in `parts` yet: from here to `end`. */
  let start = 0
  let end = 0
  let parts: Uint8Array[] = []
  let collectedBytes = 0
  let holdsForeign = false
  let scheduled = false
  let waiting: (() => void)[] = []

  function cut(): void {
    if (end > start) parts.push(bytes.subarray(start, end))
    start = end
  }

  function collect(length: number): void {
    collectedBytes += length
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }

  function flush(): void {
    scheduled = false
    cut()
    const written = parts
    parts = []
    collectedBytes = 0
    holdsForeign = false
    const last = written.pop()
    if (last === undefined || stream?.writable !== true) return
    // A stream keeps what is not copied until it calls back: changed before, a message would be torn.
    const told = waiting
    waiting = []
    const taken = (error?: Error | null) => {
      if (!error) for (const callback of told) callback()
    }
    if (written.length > 0) stream.cork()
    for (const part of written) stream.write(part)
    stream.write(last, told.length > 0 ? taken : undefined)
    if (written.length > 0) stream.uncork()
  }

  return {
    get bytes() {
      return bytes
    },
    reserve(length) {
      if (end + length > bytes.length) {
        cut()
        bytes = Buffer.allocUnsafeSlow(Math.max(chunkBytes, length))
        start = end = 0
      }
      const at = end
      end += length
      collect(length)
      return at
    },
    append(foreign) {
      cut()
      parts.push(foreign)
      holdsForeign = true
      collect(foreign.byteLength)
    },
    whenRoom(callback) {
      if (!holdsForeign && collectedBytes + (stream?.writableLength ?? 0) < highWaterBytes) callback()
      else waiting.push(callback)
    },
    flush,
    use(next) {
      stream = next
      parts = []
      start = end
      collectedBytes = 0
      holdsForeign = false
      waiting = []
    },
  }
}
