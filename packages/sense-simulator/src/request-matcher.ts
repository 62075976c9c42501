/** Which requests are meant. What is left out fits every request. */
export interface RequestMatcher {
  /** In capitals. */
  readonly method?: string
  /** The whole path without the query, upper and lower case being the same, or an expression the path must match. */
  readonly path?: string | RegExp
}

/** Tells whether a request is meant. */
export function matchesRequest({ method, path }: RequestMatcher, request: { readonly method: string; readonly path: string }): boolean {
  if (method !== undefined && method !== request.method) return false
  if (path === undefined) return true
  return typeof path === 'string' ? path.toLowerCase() === request.path.toLowerCase() : request.path.search(path) >= 0
}
