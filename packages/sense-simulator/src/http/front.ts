import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Faults } from '../faults.js'
import type { RecordedRequest } from '../request-journal.js'
import { parseQuery, splitUrl, type Answer, type Service } from './answer.js'

/** What every request goes through. */
export interface FrontOptions {
  readonly service: Service
  readonly faults: Faults
  readonly record: (request: RecordedRequest) => void
}

/** Answers the requests of a listener: reads the body, lets faults strike, asks the service, writes the journal. */
export function createFront({ service, faults, record }: FrontOptions): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const { method = '', url = '', headers } = request
    const { path, search } = splitUrl(url)
    readBody(request, (body) => {
      const answer = faults.take({ method, path }) ?? service({ method, url, headers, body })
      record({ method, path, query: queryWithoutKey(search), status: answer.status })
      send(response, answer)
    })
  }
}

/** Calls back with the whole body, at once where there is none; never for a request that is broken off. */
function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const { method, headers } = request
  if (method === 'GET' || (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)) {
    request.resume()
    return done(none)
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => done(Buffer.concat(chunks)))
}

const none = Buffer.alloc(0)

function queryWithoutKey(search: string): Record<string, string> {
  const query = parseQuery(search)
  query.delete('xrfkey')
  return Object.fromEntries(query)
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}
