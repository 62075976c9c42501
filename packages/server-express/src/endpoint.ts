import type { Schema } from '@butlerkit/core'
import type { ApiServices } from './services.js'

/** What an endpoint's handler is given: a query that fits the schema, the services it named, and when to stop. */
export interface EndpointCall<Needs extends keyof ApiServices, Query> {
  readonly query: Query
  readonly services: Pick<ApiServices, Needs>
  /** Aborts when the caller has gone or the time is up. */
  readonly signal: AbortSignal
}

/** One endpoint as plain data: any HTTP framework can mount it. */
export interface Endpoint<Needs extends keyof ApiServices = keyof ApiServices, Query = unknown, Reply = unknown> {
  readonly method: 'GET'
  readonly path: `/${string}`
  /** One line for documents. */
  readonly summary: string
  /** Who may call it: whoever has a key, or everybody. */
  readonly access: 'key' | 'open'
  /** The services it works with; without one of them it is not mounted. */
  readonly needs: readonly Needs[]
  /** Checks the query parameters, an object of texts. Strict: a misspelt name is refused rather than ignored. */
  readonly query: Schema<unknown, Query>
  /** Checks the answer and leaves out what it does not name. */
  readonly reply: Schema<unknown, Reply>
  /** Does the work. Its promise settles when the work is done, and the answer says how it went. */
  handler(call: EndpointCall<Needs, Query>): Reply | Promise<Reply>
  /** HTTP status of an answer. @defaultValue 200 */
  status?(reply: Reply): number
}

/** Infers an endpoint's types; returns it as it is. */
export function endpoint<Needs extends keyof ApiServices, Query, Reply>(
  definition: Endpoint<Needs, Query, Reply>,
): Endpoint<Needs, Query, Reply> {
  return definition
}
