import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that answers as the test says, on a free port of this machine. */
export interface TestServer extends AsyncDisposable {
  readonly origin: string
  /** What was asked, oldest first. */
  readonly requests: readonly IncomingMessage[]
}

/** Starts a {@link TestServer}. @param answer - gets the number of the request, from 0 */
export async function startServer(
  answer: (response: ServerResponse, index: number, request: IncomingMessage) => void,
): Promise<TestServer> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(response, requests.length - 1, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Answers with JSON. */
export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
