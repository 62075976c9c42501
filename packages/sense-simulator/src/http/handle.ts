import { messageOf, type Logger } from '@butlerkit/core'
import type { FaultSource, RequestFault } from '../faults.js'
import type { RecordedRequest } from '../request-journal.js'
import { parseQuery, Refusal, splitUrl, text, type Answer, type Service, type SiteRequest } from './answer.js'

/** What every request goes through, however it came. */
export interface HandleOptions {
  readonly service: Service
  readonly faults: FaultSource
  readonly record: (request: RecordedRequest) => void
  readonly logger: Logger
}

/** What becomes of a request: an answer, to be disturbed by a fault or not; none; or the end of its connection. */
export type Outcome = { readonly answer: Answer; readonly fault?: RequestFault | undefined } | 'hang' | 'reset'

/** Makes what answers requests: lets faults strike, asks the service, writes the journal. */
export function createHandle({ service, faults, record, logger }: HandleOptions): (request: SiteRequest) => Outcome {
  return (request) => {
    const { method } = request
    const { path, search } = splitUrl(request.url)
    const note = (status: number) => record({ method, path, query: queryWithoutKey(search), status })
    const fault = faults.forRequest({ method, path })
    if (fault?.kind === 'answer') {
      note(fault.status)
      const answer = text(fault.status, fault.body ?? '')
      return { answer: { ...answer, headers: { ...answer.headers, ...fault.headers } } }
    }
    if (fault?.kind === 'hang' || (fault?.kind === 'reset' && fault.at === 'request')) {
      note(0)
      return fault.kind
    }
    const answer = attempt(request, path)
    note(answer.status)
    return { answer, fault }
  }

  function attempt(request: SiteRequest, path: string): Answer {
    try {
      return service(request)
    } catch (error) {
      if (error instanceof Refusal) return text(error.status, error.message)
      logger.error('request failed', { method: request.method, path, reason: messageOf(error) })
      return text(500, 'Internal server error')
    }
  }
}

function queryWithoutKey(search: string): Record<string, string> {
  const query = parseQuery(search)
  for (const secret of ['xrfkey', 'qlikticket', 'qlik-csrf-token']) query.delete(secret)
  return Object.fromEntries(query)
}
