import { withFields, type Logger } from '../logger.js'
import type { TopicTypes } from '../topic/topic.js'
import type { QoS } from '../transport/transport.js'
import type { Message, Publisher } from './message.js'
import type { OpenedMessage } from './open.js'
import { DeclaredError } from './outcome.js'
import type { Passage } from './passage.js'

const none: Readonly<Record<string, string>> = Object.freeze({})

/**
 * The message as handlers see it. Most handlers ask for little of it, so what is not a fact of the message itself is made when asked for; what
 * handlers take out of it (`const { waitUntil } = message`) works on its own.
 */
export class HandlerMessage implements Message<TopicTypes, object> {
  readonly params: unknown
  readonly payload: unknown
  ctx: object
  readonly attempt: number
  private readonly passage: Passage
  private abortion: AbortController | undefined

  constructor(passage: Passage, opened: OpenedMessage, attempt: number) {
    this.params = opened.params
    this.payload = opened.payload
    this.ctx = passage.host.services
    this.attempt = attempt
    this.passage = passage
  }

  get topic(): string {
    return this.passage.inbound.topic
  }

  get source(): string {
    return this.passage.report.transport
  }

  get qos(): QoS {
    return this.passage.inbound.qos
  }

  get retained(): boolean {
    return this.passage.inbound.retain
  }

  get duplicate(): boolean {
    return this.passage.inbound.duplicate
  }

  get bytes(): Uint8Array {
    return this.passage.inbound.payload
  }

  get userProperties(): Readonly<Record<string, string>> {
    return this.passage.inbound.properties.userProperties ?? none
  }

  get log(): Logger {
    const { host, report } = this.passage
    return withFields(host.logger, { topic: report.topic, route: report.route })
  }

  get publish(): Publisher['publish'] {
    return this.passage.host.publisher.publish
  }

  get ack(): () => void {
    return this.passage.ack
  }

  get signal(): AbortSignal {
    this.abortion ??= new AbortController()
    return this.abortion.signal
  }

  get error(): (code: string, data: unknown) => DeclaredError {
    return declaredError
  }

  get waitUntil(): (work: (signal: AbortSignal) => Promise<unknown>) => void {
    const { host, report } = this.passage
    const { workload } = host
    return (work) => {
      workload
        .track(() => work(workload.stopped))
        .catch((error: unknown) => {
          if (workload.stopped.aborted) host.report('abandoned', report)
          else host.report('failed', { ...report, error, stage: 'background', attempt: 1 })
        })
    }
  }

  /** Aborts the signal, also where it is only asked for later. */
  abort(reason: unknown): void {
    this.abortion ??= new AbortController()
    this.abortion.abort(reason)
  }
}

function declaredError(code: string, data: unknown): DeclaredError {
  return new DeclaredError(code, data)
}
