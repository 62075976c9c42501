import type { Packet } from 'mqtt'

/**
 * Makes mqtt.js pass over a packet it has read, so that what the packet asks for is ours to do.
 *
 * This stands on three things, pinned by `test/held-acks.contract.test.ts` and `test/deliveries.contract.test.ts`: mqtt.js emits
 * `packetreceive` before it acts on a packet, it then chooses what to do by `packet.cmd`, and it goes on reading after a `cmd` it does
 * not know.
 */
export function takeOver(packet: Packet): void {
  ;(packet as { cmd: string }).cmd = 'taken over by Butlerkit'
}
