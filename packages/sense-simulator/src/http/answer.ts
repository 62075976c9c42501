import type { IncomingHttpHeaders } from 'node:http'

/** A request in full, its body read. */
export interface SiteRequest {
  readonly method: string
  /** Path and query, as in the request line. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What goes back to the caller. Success is JSON, refusal is plain text, as QRS does. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** Something that answers requests. What it throws, a {@link Refusal} apart, is a fault of ours: 500. */
export type Service = (request: SiteRequest) => Answer

/** QRS refuses a call: thrown by whatever looks at it, answered as plain text. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** An answer with a JSON body. */
export function json(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) }
}

/** A scalar answer: QRS puts it in a box, although its specification does not say so. */
export function boxed(status: number, value: string | number): Answer {
  return json(status, { value })
}

/** An answer with a plain-text body. */
export function text(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}

/** An answer without a body. */
export const noContent: Answer = { status: 204, headers: {}, body: '' }

/** What stands before and after the question mark. */
export function splitUrl(url: string): { readonly path: string; readonly search: string } {
  const at = url.indexOf('?')
  return at < 0 ? { path: url, search: '' } : { path: url.slice(0, at), search: url.slice(at + 1) }
}

/** The query by lower-case name, decoded. */
export function parseQuery(search: string): Map<string, string> {
  return new Map([...new URLSearchParams(search)].map(([name, value]) => [name.toLowerCase(), value]))
}
