import { SimulatorError } from './errors.js'
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

/** The newest requests, at least 10_000 of them, oldest first. */
export interface RequestJournal extends Iterable<RecordedRequest> {
  readonly length: number
  /** Those that fit, oldest first: `matching({ method: 'POST', path: /\/start\// }).length`. */
  matching(matcher: RequestMatcher & { readonly status?: number }): readonly RecordedRequest[]
  /**
   * Makes sure that so many requests fit.
   *
   * @throws `SimulatorError` `JOURNAL_MISMATCH` with the requests there were
   */
  assert(matcher: RequestMatcher & { readonly status?: number }, times: number): void
  /** Forgets all. */
  clear(): void
}

const maxLength = 10_000
/** How many requests an error lists. */
const shown = 20

/** Makes an empty journal, and the function that writes into it. */
export function createRequestJournal(): { readonly journal: RequestJournal; record(request: RecordedRequest): void } {
  const requests: RecordedRequest[] = []
  const matching: RequestJournal['matching'] = (matcher) =>
    requests.filter((request) => (matcher.status ?? request.status) === request.status && matchesRequest(matcher, request))
  return {
    journal: {
      [Symbol.iterator]: () => requests.values(),
      get length() {
        return requests.length
      },
      matching,
      assert(matcher, times) {
        const { length } = matching(matcher)
        if (length === times) return
        const newest = requests.slice(-shown).map(({ method, path, status }) => `\n  ${method} ${path} ${status}`)
        throw new SimulatorError('JOURNAL_MISMATCH', `${length} requests fit instead of ${times}; the newest of all:${newest.join('')}`)
      },
      clear: () => void (requests.length = 0),
    },
    record(request) {
      requests.push(request)
      // Cut seldom: each cut moves all.
      if (requests.length >= 2 * maxLength) requests.splice(0, requests.length - maxLength)
    },
  }
}
