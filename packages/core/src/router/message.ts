import type { Logger } from '../logger.js'
import type { TopicOf, TopicTypes } from '../topic/topic.js'
import type { QoS } from '../transport/transport.js'
import type { Awaitable } from './awaitable.js'
import type { DeclaredError } from './outcome.js'

/** What publishing may be told beyond the contract. */
export interface PublishOptions {
  /** @defaultValue the contract's, else 1, lowered to what the transport can do only if the contract named none */
  readonly qos?: QoS
  /** @defaultValue the contract's, else false */
  readonly retain?: boolean
  /** Names and values sent along where the transport can carry them (MQTT 5). */
  readonly userProperties?: Readonly<Record<string, string>>
  /** The transport to use; needed only where several can publish. */
  readonly via?: string
  /** Gives up waiting for the other side. The message may have left by then. */
  readonly signal?: AbortSignal
}

/** `(params, payload, options?)`; without `params` where the pattern has no named wildcard. A pattern only known as `string` takes either. */
export type TopicArguments<T extends TopicTypes, Options> = string extends keyof T['params']
  ? BareArguments<T, Options> | FullArguments<T, Options>
  : {} extends T['params']
    ? BareArguments<T, Options>
    : FullArguments<T, Options>
type BareArguments<T extends TopicTypes, Options> = [payload: T['input'], options?: Options]
type FullArguments<T extends TopicTypes, Options> = [params: T['params'], payload: T['input'], options?: Options]

/** Publishes by contract: parameters fill the pattern, the payload is checked before anything is sent. */
export interface Publisher {
  /**
   * @throws `TopicError` for parameters that make no topic name, `SchemaError` for a payload that does not fit, `CodecError` for one the codec
   * cannot write, and the transport's own errors
   */
  publish<const T extends TopicTypes>(topic: TopicOf<T>, ...args: TopicArguments<T, PublishOptions>): Promise<void>
}

/** What a handler gets: one message, decoded and checked, and what it may do with it. */
export interface Message<T extends TopicTypes, Context> extends Publisher {
  /** The pattern's wildcards. */
  readonly params: T['params']
  readonly payload: T['payload']
  /** The butler's services. */
  readonly ctx: Context
  /** The topic name it was published to. */
  readonly topic: string
  /** The transport it came by. */
  readonly source: string
  readonly qos: QoS
  /** The broker had kept it and sent it because we subscribed. */
  readonly retained: boolean
  /** The broker has sent it before and got no acknowledgement. */
  readonly duplicate: boolean
  /** Which run this is: 1 for the first, more after a retry. */
  readonly attempt: number
  /** The payload as it came. */
  readonly bytes: Uint8Array
  /** Empty where the sender or the transport has none (before MQTT 5). */
  readonly userProperties: Readonly<Record<string, string>>
  /** With `ack: 'manual'`, acknowledges the message; else does nothing. */
  ack(): void
  /** Aborts when the route's time is over or the butler stops waiting. */
  readonly signal: AbortSignal
  /** The butler's logger, with topic and route on every line. */
  readonly log: Logger
  /**
   * Keeps work inside the butler's drain without holding the acknowledgement. It is no longer under the route's time limit, and its failure is
   * reported as the route's.
   *
   * @param work - gets a signal that aborts when the butler stops waiting
   */
  waitUntil(work: (signal: AbortSignal) => Promise<unknown>): void
  /** Makes one of the contract's declared errors, to be thrown: the requester gets its code and data. */
  error<const Code extends keyof T['errors'] & string>(code: Code, data: T['errors'][Code]): DeclaredError
}

/** Does the work of one route. What it returns is the answer of a request, checked against the contract. */
export type Handler<T extends TopicTypes, Context> = (message: Message<T, Context>) => Awaitable<T['replyInput']>
