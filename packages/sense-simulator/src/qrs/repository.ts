import { messageOf, type Logger } from '@butlerkit/core'
import { parseQuery, Refusal, splitUrl, text, type Answer, type Service, type SiteRequest } from '../http/answer.js'
import type { Gate } from './gate.js'
import type { TemporaryContent } from './temporary-content.js'
import { createFindRoute, type Route } from './routes.js'

/** What a repository is made of. */
export interface RepositoryOptions {
  readonly routes: readonly Route[]
  readonly gate: Gate
  readonly temporary: TemporaryContent
  readonly logger: Logger
}

/** Makes the repository service: the gate, then the route. */
export function createRepository({ routes, gate, temporary, logger }: RepositoryOptions): Service {
  const findRoute = createFindRoute(routes)

  return (request) => {
    const { path, search } = splitUrl(request.url)
    try {
      return answer(request, path, search)
    } catch (error) {
      if (error instanceof Refusal) return text(error.status, error.message)
      logger.error('request failed', { method: request.method, path, reason: messageOf(error) })
      return text(500, 'Internal server error')
    }
  }

  function answer({ method, headers, body }: SiteRequest, path: string, search: string): Answer {
    const query = parseQuery(search)
    const user = gate(headers, query)
    // An `&` that was not encoded cuts a filter in two, and its second half has no `=`.
    if (search.split('&').some((part) => part !== '' && !part.includes('='))) throw new Refusal(400, 'Missing parameter value(s)')
    if (method === 'GET' && /^\/tempcontent\//i.test(path)) return temporary.take(path, user)
    const found = /^\/qrs\//i.test(path) ? findRoute(method, path.slice('/qrs'.length)) : undefined
    if (found === undefined) throw new Refusal(404, 'Not found')
    return found.route.answer({ params: found.params, query, headers, body, user })
  }
}
