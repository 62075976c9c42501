import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '@butlerkit/core'
import type { FaultSource } from '../faults.js'
import { splitUrl } from './answer.js'
import type { Upgrade } from './https-listener.js'

/** Lets faults strike a request to upgrade before it is looked at. */
export function withUpgradeFaults(upgrade: Upgrade, faults: FaultSource, clock: Clock): Upgrade {
  return (request, socket, head) => {
    const fault = faults.forRequest({ method: request.method ?? 'GET', path: splitUrl(request.url ?? '').path })
    if (fault === undefined) upgrade(request, socket, head)
    else if (fault.kind === 'answer') refuseUpgrade(socket, fault.status, fault.headers)
    else if (fault.kind === 'delay')
      socket.once(
        'close',
        clock.schedule(() => upgrade(request, socket, head), fault.ms),
      )
    else if (fault.kind === 'hang') keepOpen(request, socket)
    // Nothing that could be cut off has been sent yet.
    else socket.destroy()
  }
}

/** Refuses a request to upgrade, as HTTP. */
export function refuseUpgrade(socket: Duplex, status: number, headers: Readonly<Record<string, string>> = {}): void {
  const fields = { connection: 'close', 'content-length': '0', ...headers }
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)]
  socket.on('error', () => {})
  socket.end(`${lines.join('\r\n')}\r\n\r\n`)
}

function keepOpen(request: IncomingMessage, socket: Duplex): void {
  socket.on('error', () => {})
  request.resume()
}
