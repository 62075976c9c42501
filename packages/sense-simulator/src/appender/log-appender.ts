import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { messageOf, type Logger } from '@butlerkit/core'

/** Where datagrams go. */
export interface UdpTarget {
  readonly host: string
  readonly port: number
}

/** Sends lines to one UDP receiver, as log4net's `UdpAppender` does: one datagram a line, sent and forgotten. */
export interface LogAppender {
  send(line: string): void
  /** Resolves once everything sent has been handed to the network. */
  flushed(): Promise<void>
  /** Flushes, and gives the socket back. */
  close(): Promise<void>
}

/** Makes an appender for `target`; its socket is opened by the first line. Without a target nothing is sent. */
export function createLogAppender(target: UdpTarget | undefined, logger: Logger): LogAppender {
  if (target === undefined) return { send: () => {}, flushed: async () => {}, close: async () => {} }
  const { host, port } = target
  let socket: Socket | undefined
  const sending = new Set<Promise<void>>()
  const flushed = async () => void (await Promise.all(sending))

  return {
    send(line) {
      const open = (socket ??= openSocket())
      const sent = new Promise<void>((resolve) => {
        open.send(line, port, host, (error) => {
          if (error) logger.warn('datagram not sent', { host, port, reason: error.message })
          sending.delete(sent)
          resolve()
        })
      })
      sending.add(sent)
    },
    flushed,
    async close() {
      await flushed()
      const open = socket
      if (open) await new Promise<void>((resolve) => void open.close(resolve))
    },
  }

  function openSocket(): Socket {
    const opened = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    // Without a listener a failure of the socket would end the process.
    return opened.on('error', (error) => logger.warn('log appender failed', { host, port, reason: messageOf(error) }))
  }
}
