import { text, type Answer } from './http/answer.js'
import { matchesRequest, type RequestMatcher } from './request-matcher.js'

/** Requests that fail on purpose: answered as told, without anything being done. */
export interface Fault extends RequestMatcher {
  /** HTTP status, such as 503. */
  readonly status: number
  /** Plain text. @defaultValue '' */
  readonly body?: string
  /** Such as `retry-after`. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>
  /** How many requests, at least 1. @defaultValue 1 */
  readonly times?: number
}

/** The faults that are to come, oldest first. */
export interface Faults {
  add(fault: Fault): void
  /** The answer of the first fault the request fits, which is then used up by one. */
  take(request: { readonly method: string; readonly path: string }): Answer | undefined
}

/** Makes an empty list of faults. */
export function createFaults(): Faults {
  const waiting: { readonly fault: Fault; left: number }[] = []
  return {
    add(fault) {
      waiting.push({ fault, left: fault.times ?? 1 })
    },
    take(request) {
      const index = waiting.findIndex(({ fault }) => matchesRequest(fault, request))
      const found = waiting[index]
      if (found === undefined) return undefined
      found.left -= 1
      if (found.left <= 0) waiting.splice(index, 1)
      const answer = text(found.fault.status, found.fault.body ?? '')
      return { ...answer, headers: { ...answer.headers, ...found.fault.headers } }
    },
  }
}
