import { matchesRequest, type RequestMatcher } from './request-matcher.js'

/** A request the site has answered. Headers, the user and the anti-forgery key are not kept. */
export interface RecordedRequest {
  readonly method: string
  /** As sent, without the query: `/qrs/app/full`. */
  readonly path: string
  /** Decoded, by lower-case name, without `xrfkey`. */
  readonly query: Readonly<Record<string, string>>
  readonly status: number
}

/** The newest 10_000 requests, oldest first. */
export interface RequestJournal extends Iterable<RecordedRequest> {
  readonly length: number
  /** Those that fit, oldest first: `matching({ method: 'POST', path: /\/start\// }).length`. */
  matching(matcher: RequestMatcher & { readonly status?: number }): readonly RecordedRequest[]
  /** Forgets all. */
  clear(): void
}

const maxLength = 10_000

/** Makes an empty journal, and the function that writes into it. */
export function createRequestJournal(): { readonly journal: RequestJournal; record(request: RecordedRequest): void } {
  const requests: RecordedRequest[] = []
  return {
    journal: {
      [Symbol.iterator]: () => requests.values(),
      get length() {
        return requests.length
      },
      matching: (matcher) =>
        requests.filter((request) => (matcher.status ?? request.status) === request.status && matchesRequest(matcher, request)),
      clear: () => void (requests.length = 0),
    },
    record(request) {
      if (requests.length === maxLength) requests.shift()
      requests.push(request)
    },
  }
}
