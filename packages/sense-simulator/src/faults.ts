import { matchesRequest, type RequestMatcher } from './request-matcher.js'

/** When a fault strikes. */
export interface FaultSchedule {
  /** How often, at least 1; `Infinity` for ever. @defaultValue 1 */
  readonly times?: number
  /** How many that fit are let pass first. @defaultValue 0 */
  readonly after?: number
  /** From 0 to 1, drawn from the site's `seedNumber`. @defaultValue 1 */
  readonly probability?: number
}

/** An answer that has nothing to do with the request, which is not even looked at. */
export interface AnswerFault extends RequestMatcher, FaultSchedule {
  /** HTTP status, such as 503. */
  readonly status: number
  /** @defaultValue '' */
  readonly body?: string
  /** Such as `retry-after`, or another `content-type`. @defaultValue plain text */
  readonly headers?: Readonly<Record<string, string>>
}

/** What can happen to a request over HTTP, upgrades of the engine's websockets among them. */
export type RequestFault = RequestMatcher &
  FaultSchedule &
  (
    | ({ readonly kind: 'answer' } & Omit<AnswerFault, keyof RequestMatcher | keyof FaultSchedule>)
    /** The work is done; the answer takes its time. `jitterMs` is the most that is added to `ms`. */
    | { readonly kind: 'delay'; readonly ms: number; readonly jitterMs?: number }
    /** Nothing is done and nothing answered. */
    | { readonly kind: 'hang' }
    /** The connection is reset: before anything is done (`request`), or the work is done and nothing, some headers or half a body are sent. */
    | { readonly kind: 'reset'; readonly at: 'request' | 'reply' | 'headers' | 'body' }
    /** The work is done; the answer ends in the middle, and says it is whole. */
    | { readonly kind: 'truncate' }
    /** The work is done; the body comes in pieces of `bytes`, one every `everyMs`. */
    | { readonly kind: 'drip'; readonly bytes: number; readonly everyMs: number }
    /** The work is done; the answer says it is something else. */
    | { readonly kind: 'contentType'; readonly contentType: string }
    /** A count is wrong by so many. */
    | { readonly kind: 'miscount'; readonly by: number }
    /** A list ends after so many entities. */
    | { readonly kind: 'limit'; readonly rows: number }
  )

/** What can happen to a message to the engine. */
export type EngineFault = FaultSchedule & {
  /** The method called, `*` for any, or `OnConnected` for the greeting of a new connection. */
  readonly qix: string
} & (
    | { readonly kind: 'error'; readonly code: number; readonly message?: string; readonly parameter?: string }
    /** Closes the socket; 1006 breaks it off. */
    | { readonly kind: 'close'; readonly code: number }
    /** Sends a frame that is no JSON, and no reply. */
    | { readonly kind: 'garbage' }
    /** Sends a fatal notice of the proxy, such as `OnSessionTimedOut`, and closes the socket. */
    | { readonly kind: 'notice'; readonly notice: string }
    /** Greets with another `qSessionState`, such as `SESSION_ERROR_NO_LICENSE`; for `OnConnected` only. */
    | { readonly kind: 'state'; readonly state: string }
    /** Never replies. */
    | { readonly kind: 'hang' }
  )

/** What can happen to a batch of notifications. */
export type NotificationFault = FaultSchedule & {
  /** The type of the entities, `*` for any. */
  readonly notification: string
  readonly kind: 'duplicate' | 'drop'
}

/** Something that goes wrong on purpose, as data. */
export type Fault = RequestFault | EngineFault | NotificationFault

/** What goes wrong on a site. Of several faults that fit, the oldest strikes. */
export interface Faults {
  add(fault: Fault): void
  /** Forgets all. */
  clear(): void
}

/** The site's own side of its faults: what strikes now, if anything. */
export interface FaultSource extends Faults {
  forRequest(request: { readonly method: string; readonly path: string }): RequestFault | undefined
  forMessage(qix: string): EngineFault | undefined
  forNotification(type: string): NotificationFault | undefined
  /** A number from 0 to below 1. */
  random(): number
}

/** Makes an empty list of faults. @param bits - 32 random bits */
export function createFaults(bits: () => number): FaultSource {
  const waiting: { readonly fault: Fault; left: number; passed: number }[] = []
  const random = () => bits() / 2 ** 32

  return {
    add: (fault) => void waiting.push({ fault, left: fault.times ?? 1, passed: 0 }),
    clear: () => void (waiting.length = 0),
    forRequest: (request) =>
      take((fault): fault is RequestFault => !('qix' in fault) && !('notification' in fault) && matchesRequest(fault, request)),
    forMessage: (qix) =>
      take((fault): fault is EngineFault => 'qix' in fault && (fault.qix === qix || (fault.qix === '*' && qix !== 'OnConnected'))),
    forNotification: (type) =>
      take((fault): fault is NotificationFault => 'notification' in fault && (fault.notification === '*' || fault.notification === type)),
    random,
  }

  function take<Kind extends Fault>(fits: (fault: Fault) => fault is Kind): Kind | undefined {
    for (const [index, entry] of waiting.entries()) {
      const { fault } = entry
      if (!fits(fault)) continue
      entry.passed += 1
      if (entry.passed <= (fault.after ?? 0) || random() >= (fault.probability ?? 1)) continue
      entry.left -= 1
      if (entry.left <= 0) waiting.splice(index, 1)
      return fault
    }
    return undefined
  }
}
