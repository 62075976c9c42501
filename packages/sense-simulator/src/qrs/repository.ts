import type { IncomingHttpHeaders } from 'node:http'
import { messageOf, type Logger } from '@butlerkit/core'
import type { Faults } from '../faults.js'
import type { RecordedRequest } from '../request-journal.js'
import { Refusal, text, type Answer } from './answer.js'
import type { Gate } from './gate.js'
import { createFindRoute, type Route } from './routes.js'

/** One request, its body not among it: none of our routes has one. */
export interface RepositoryRequest {
  readonly method: string
  /** Path and query, as in the request line. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

/** Answers requests as the repository service does. Never throws. */
export type Repository = (request: RepositoryRequest) => Answer

/** What a repository is made of. */
export interface RepositoryOptions {
  readonly routes: readonly Route[]
  readonly gate: Gate
  readonly faults: Faults
  readonly record: (request: RecordedRequest) => void
  readonly logger: Logger
}

/** Makes the way of a request: faults, the gate, the route, the journal. */
export function createRepository({ routes, gate, faults, record, logger }: RepositoryOptions): Repository {
  const findRoute = createFindRoute(routes)

  return ({ method, url, headers }) => {
    const [path = '', search = ''] = split(url)
    const query = new Map([...new URLSearchParams(search)].map(([name, value]) => [name.toLowerCase(), value]))
    const answer = faults.take({ method, path }) ?? attempt(method, path, search, query, headers)
    query.delete('xrfkey')
    record({ method, path, query: Object.fromEntries(query), status: answer.status })
    return answer
  }

  function attempt(method: string, path: string, search: string, query: Map<string, string>, headers: IncomingHttpHeaders): Answer {
    try {
      gate(headers, query)
      // An `&` that was not encoded cuts a filter in two, and its second half has no `=`.
      if (search.split('&').some((part) => part !== '' && !part.includes('='))) throw new Refusal(400, 'Missing parameter value(s)')
      const found = /^\/qrs\//i.test(path) ? findRoute(method, path.slice('/qrs'.length)) : undefined
      if (found === undefined) throw new Refusal(404, 'Not found')
      return found.route.answer({ params: found.params, query })
    } catch (error) {
      if (error instanceof Refusal) return text(error.status, error.message)
      logger.error('request failed', { method, path, reason: messageOf(error) })
      return text(500, 'Internal server error')
    }
  }
}

function split(url: string): readonly string[] {
  const at = url.indexOf('?')
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1)]
}
