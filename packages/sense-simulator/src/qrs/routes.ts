import type { IncomingHttpHeaders } from 'node:http'
import type { Answer } from '../http/answer.js'
import type { Query } from './gate.js'

/** What a route is given. */
export interface Call {
  /** The values in place of the path's `{…}`, in lower case. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Query
  readonly headers: IncomingHttpHeaders
  /** Empty where there is none. */
  readonly body: Buffer
  /** Who calls: `DIRECTORY\\id`. */
  readonly user: string
}

/** One operation of the API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/qrs`; `{name}` stands for one segment. */
  readonly path: string
  /** @throws `Refusal` */
  answer(call: Call): Answer
}

/** Finds the route of a path, upper and lower case being the same. */
export type FindRoute = (method: string, path: string) => { readonly route: Route; readonly params: Call['params'] } | undefined

/** Makes the look-up of routes. A literal segment wins over a `{…}`: `/app/count` is not an app. */
export function createFindRoute(routes: readonly Route[]): FindRoute {
  const literal = new Map<string, Route>()
  const patterns: { readonly route: Route; readonly segments: readonly string[] }[] = []
  for (const route of routes) {
    if (route.path.includes('{')) patterns.push({ route, segments: route.path.split('/') })
    else literal.set(`${route.method} ${route.path}`, route)
  }

  return (method, path) => {
    const wanted = path.toLowerCase()
    const route = literal.get(`${method} ${wanted}`)
    if (route) return { route, params: {} }
    const segments = wanted.split('/')
    for (const pattern of patterns) {
      const params = pattern.route.method === method ? match(pattern.segments, segments) : undefined
      if (params) return { route: pattern.route, params }
    }
    return undefined
  }
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (!part.startsWith('{')) {
      if (part !== segment) return undefined
      continue
    }
    params[part.slice(1, -1)] = segment
  }
  return params
}
