import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A loopback port that is free. It lies below the range from which the system hands out ports by itself, so that no outgoing
 * connection and no server on port 0 takes it before its broker does, nor while that is down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
