import { Refusal } from '../http/answer.js'
import type { Call } from './routes.js'

/** JSON of an object, as a body holds it. */
export type Draft = Readonly<Record<string, unknown>>

/** The body as JSON. @throws `Refusal` 400 where it is none, 415 where it says it is something else */
export function jsonBody({ body, headers }: Call): unknown {
  const type = headers['content-type'] ?? 'application/json'
  if (!/^application\/json\b/i.test(type)) throw new Refusal(415, 'Unsupported media type')
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new Refusal(400, 'Invalid JSON')
  }
}

/** The body as one object. @throws `Refusal` */
export function objectBody(call: Call): Draft {
  return toDraft(jsonBody(call))
}

/** The body as a list of objects. @throws `Refusal` */
export function listBody(call: Call): readonly Draft[] {
  const value = jsonBody(call)
  if (!Array.isArray(value)) throw new Refusal(400, 'Invalid JSON')
  return value.map(toDraft)
}

/** A value as an object. @throws `Refusal` 400 */
export function toDraft(value: unknown): Draft {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal(400, 'Invalid JSON')
  return value as Draft
}

/** A query parameter that must be there. @throws `Refusal` 400 */
export function required({ query }: Call, name: string): string {
  const value = query.get(name)
  if (value === undefined || value === '') throw new Refusal(400, 'Missing parameter value(s)')
  return value
}

/** Whether a query parameter is `true`. */
export function isTrue({ query }: Call, name: string): boolean {
  return query.get(name)?.toLowerCase() === 'true'
}

/** The `id` of a body in lower case; empty where there is none. */
export function idOf({ id }: Draft): string {
  return typeof id === 'string' ? id.toLowerCase() : ''
}
