import { SchemaError, validate, type Schema } from '@butlerkit/core'
import { ApiError } from './errors.js'

/** Takes a parameter under an older name too, before it is checked: either will do, but not both. */
export function oldName(old: string, now: string): (query: unknown) => unknown {
  return (query) => {
    if (typeof query !== 'object' || query === null || !Object.hasOwn(query, old) || Object.hasOwn(query, now)) return query
    const { [old]: value, ...rest } = query as Record<string, unknown>
    return { [now]: value, ...rest }
  }
}

/**
 * Reads a query string and checks it. Reads it itself, as Express reads it in the way the host's app is set to: with nested objects
 * or without.
 *
 * @param url - path and query as requested
 * @throws {@link ApiError} `API_QUERY` naming every parameter that is missing, unknown, repeated or does not fit
 */
export async function readQuery<Query>(url: string, schema: Schema<unknown, Query>): Promise<Query> {
  const params = new URLSearchParams(/\?(.*)$/s.exec(url)?.[1])
  const repeated = [...params.keys()].find((name) => params.getAll(name).length > 1)
  if (repeated !== undefined) {
    throw new ApiError('API_QUERY', 'a parameter is given twice', { issues: [{ path: [repeated], message: 'is given twice' }] })
  }
  try {
    // Own properties all, `__proto__` too, which the schema then refuses.
    return await validate(schema, Object.fromEntries(params), 'query')
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error
    throw new ApiError('API_QUERY', error.message, { issues: error.issues })
  }
}
