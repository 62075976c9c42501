import type { IncomingMessage } from 'node:http'
import { messageOf, type Clock, type Logger } from '@butlerkit/core'
import type { Activity } from '../activity.js'
import type { FaultSource } from '../faults.js'
import type { RecordedRequest } from '../request-journal.js'
import { parseQuery, Refusal, splitUrl, text, type Answer, type Service, type SiteRequest } from './answer.js'
import { send, sendDisturbed, type Delivery } from './disturb.js'
import type { RequestHandler } from './https-listener.js'

/** What every request goes through. */
export interface FrontOptions {
  readonly service: Service
  readonly faults: FaultSource
  readonly record: (request: RecordedRequest) => void
  readonly activity: Activity
  readonly clock: Clock
  readonly logger: Logger
}

/** Answers the requests of a listener: reads the body, lets faults strike, asks the service, writes the journal. */
export function createFront({ service, faults, record, activity, clock, logger }: FrontOptions): RequestHandler {
  return (request, response, reset) => {
    const over = activity.begin()
    response.once('close', over)
    const { method = '', url = '', headers } = request
    const { path, search } = splitUrl(url)
    const note = (status: number) => record({ method, path, query: queryWithoutKey(search), status })
    const delivery: Delivery = { response, clock, reset, waiting: over, random: faults.random }

    readBody(request, (body) => {
      const fault = faults.forRequest({ method, path })
      if (fault?.kind === 'answer') {
        note(fault.status)
        const answer = text(fault.status, fault.body ?? '')
        return send(response, { ...answer, headers: { ...answer.headers, ...fault.headers } })
      }
      if (fault?.kind === 'hang' || (fault?.kind === 'reset' && fault.at === 'request')) {
        note(0)
        return fault.kind === 'hang' ? over() : reset()
      }
      const answer = attempt({ method, url, headers, body })
      note(answer.status)
      if (fault) sendDisturbed(delivery, answer, fault)
      else send(response, answer)
    })
  }

  function attempt(request: SiteRequest): Answer {
    try {
      return service(request)
    } catch (error) {
      if (error instanceof Refusal) return text(error.status, error.message)
      logger.error('request failed', { method: request.method, path: splitUrl(request.url).path, reason: messageOf(error) })
      return text(500, 'Internal server error')
    }
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
  for (const secret of ['xrfkey', 'qlikticket', 'qlik-csrf-token']) query.delete(secret)
  return Object.fromEntries(query)
}
