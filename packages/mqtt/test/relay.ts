import { startFaultProxy, type FaultProxy } from './faults/fault-proxy.js'

/** A fault proxy that tells of every chunk of bytes a client sends. */
export function startRelay(target: number, sent?: (chunk: Buffer) => void): Promise<FaultProxy> {
  return startFaultProxy(target, sent && { sent })
}
