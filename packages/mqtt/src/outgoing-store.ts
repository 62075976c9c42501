import { Readable } from 'node:stream'
import type { IStore, Packet } from 'mqtt'

/**
 * What mqtt.js has sent and the broker has not answered. Like mqtt.js' own store, but it outlives `end`, as acknowledgements may still
 * be read after it; it marks what is sent again as duplicate (MQTT-3.3.1-1); and it gives out copies, since mqtt.js writes the topic
 * alias of one connection into the packet, where the next one would find it.
 */
export function createOutgoingStore(): IStore {
  const packets = new Map<number, Packet>()

  const store: IStore = {
    put(packet, done) {
      packets.set(packet.messageId ?? 0, packet)
      done()
      return store
    },
    get({ messageId }, done) {
      answer(packets.get(messageId ?? 0), done)
      return store
    },
    del({ messageId }, done) {
      const packet = packets.get(messageId ?? 0)
      packets.delete(messageId ?? 0)
      answer(packet, done)
      return store
    },
    createStream() {
      const again = Array.from(packets.values(), (packet) => (packet.cmd === 'publish' ? { ...packet, dup: true } : { ...packet }))
      // Typed by mqtt.js as a stream of readable-stream, of which it uses what Node's has.
      return Readable.from(again) as unknown as ReturnType<IStore['createStream']>
    },
    close(done) {
      done()
    },
  }
  return store
}

function answer(packet: Packet | undefined, done: Parameters<IStore['get']>[1]): void {
  if (packet === undefined) done(new Error('missing packet'))
  else done(undefined, packet)
}
