/** Which message, by which transport, on which route. */
export interface MessageReport {
  /** The transport it came by. */
  readonly transport: string
  /** The topic name, as the sender wrote it: escape it before it meets a terminal. */
  readonly topic: string
  /** The route's topic pattern. */
  readonly route: string
}

/** Something went wrong with a message. */
export interface FailureReport extends MessageReport {
  readonly error: unknown
  /** Where: `handler`, the `reply`, `background` work (`waitUntil`), or publishing the `dead-letter`. */
  readonly stage: 'handler' | 'reply' | 'background' | 'dead-letter'
  /** Runs so far. */
  readonly attempt: number
}

/** What can become of a message. Each is an event of the butler and a counter. */
export interface MessageEvents {
  /** The handler is done, or answered with a declared error. */
  handled: [report: MessageReport & { readonly durationMs: number; readonly attempt: number }]
  /** Parameters or payload do not fit the contract; `error` is a `SchemaError`, `CodecError` or `LimitError`. */
  invalid: [report: MessageReport & { readonly error: unknown }]
  /** `dedupe` has seen it before. */
  deduplicated: [report: MessageReport & { readonly key: string }]
  /** A run failed and another follows after `waitMs`. */
  retried: [
    report: FailureReport & { readonly waitMs: number; /** Whether it waits in the store, acknowledged. */ readonly parked: boolean },
  ]
  /** Something failed for good; a message that failed is acknowledged. */
  failed: [report: FailureReport]
  /** What failed for good is on the dead-letter topic. */
  deadLettered: [report: MessageReport & { readonly deadLetterTopic: string; readonly reason: string; readonly attempts: number }]
  /** The butler stopped before the message was done, which is left unacknowledged, or before its `waitUntil` work was. */
  abandoned: [report: MessageReport]
  /** No route of its transport matches; it is acknowledged. */
  unmatched: [report: { readonly transport: string; readonly topic: string }]
}

/** Tells the butler. */
export type Report = <K extends keyof MessageEvents>(event: K, ...report: MessageEvents[K]) => void
