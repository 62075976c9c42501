import type { Clock } from '../clock.js'
import { ButlerError, messageOf } from '../errors.js'
import { createRequester, RequestError } from '../request/requester.js'
import type { Publisher, PublishOptions, TopicArguments } from '../router/message.js'
import { DeclaredError } from '../router/outcome.js'
import { validate } from '../schema.js'
import type { Topic, TopicOf, TopicTypes } from '../topic/topic.js'
import type { InboundMessage, OutboundMessage, QoS, Transport } from '../transport/transport.js'
import type { Listening } from './listening.js'

/** How bytes are sent. */
export interface SendOptions {
  /** The transport to use; needed only where several can publish. */
  readonly via?: string
  /** Gives up waiting for the other side. */
  readonly signal?: AbortSignal
}

/** How a request is sent, and how long its answer is waited for. */
export interface RequestOptions extends PublishOptions {
  /**
   * Milliseconds, 1 to 2_147_483_647. With MQTT 5 a request that still waits at the broker then lapses, unless its contract has a
   * `messageExpirySeconds` of its own. @defaultValue 30_000
   */
  readonly timeoutMs?: number
}

/** What became of a request, declared errors as a union over their codes. */
export type RequestResult<Reply, Errors> =
  | { readonly ok: true; readonly reply: Reply }
  | { readonly [Code in keyof Errors]: { readonly ok: false; readonly code: Code; readonly data: Errors[Code] } }[keyof Errors]
  | { readonly ok: false; readonly code: RequestError['code']; readonly data: string }

/** Asks by contract, and waits for the answer. */
export interface Requests {
  /**
   * @throws `DeclaredError` with one of the contract's codes, `RequestError` for an answer that did not come or says no, `SchemaError` where
   * request or answer do not fit, and the transport's own errors
   */
  request<const T extends TopicTypes>(topic: TopicOf<T>, ...args: TopicArguments<T, RequestOptions>): Promise<T['reply']>
  /** The same with declared errors and `RequestError`s as values. */
  tryRequest<const T extends TopicTypes>(
    topic: TopicOf<T>,
    ...args: TopicArguments<T, RequestOptions>
  ): Promise<RequestResult<T['reply'], T['errors']>>
}

/** What a butler publishes with. */
export interface Publishing extends Publisher, Requests {
  publishRaw(message: OutboundMessage, options?: SendOptions): Promise<void>
  /** Sends by the transport something came by, or by the butler's publishing one where that only receives. */
  sendBack(message: OutboundMessage, transport: string): Promise<void>
  /** @returns whether the message was the answer to a request, waited for or not */
  takeReply(message: InboundMessage): boolean
  /** Publishes a checked value to a topic name of the contract. */
  publishTo(topic: Topic, topicName: string, payload: unknown, options: PublishOptions): Promise<void>
  /** Resolves once the broker has sent us everything it had for us. */
  echo(transport: Transport): Promise<void>
  /**
   * The transport to publish with.
   *
   * @throws ButlerError `TRANSPORT_UNKNOWN` or `TRANSPORT_AMBIGUOUS`
   */
  publisher(via: string | undefined): Transport
  /** Ends every wait for an answer. */
  abandon(): void
}

export function createPublishing(transports: readonly Transport[], clock: Clock, listening: Listening): Publishing {
  const requester = createRequester(clock)
  const repliesTo = new Map<Transport, Promise<unknown>>()

  const publishing: Publishing = {
    publish(topic, ...args) {
      return rejecting(() => {
        const { params, payload, options = {} } = splitArguments(topic, args)
        return send(topic, topic.build(params), payload, options)
      })
    },
    publishTo: (topic, topicName, payload, options) => rejecting(() => send(topic, topicName, payload, options)),
    publisher,
    async echo(transport) {
      await listenToReplies(transport)
      await requester.echo(transport)
    },
    async request(topic, ...args) {
      const { params, payload, options = {} } = splitArguments(topic, args)
      const topicName = topic.build(params)
      const transport = publisher(options.via)
      await checkPayload(topic, topicName, payload)
      await listenToReplies(transport)
      const { timeoutMs = 30_000, signal } = options
      return requester.request({
        transport,
        contract: topic,
        topicName,
        payload,
        // Nobody waits for it longer, so nobody need act on it later.
        message: outbound(topic, options, Math.ceil(timeoutMs / 1_000)),
        timeoutMs,
        ...(signal && { signal }),
      })
    },
    async tryRequest(topic, ...args) {
      try {
        return { ok: true, reply: await publishing.request(topic, ...args) }
      } catch (error) {
        if (DeclaredError.isDeclared(error)) return { ok: false, code: error.code, data: error.data } as never
        if (error instanceof RequestError) return { ok: false, code: error.code, data: messageOf(error) }
        throw error
      }
    },
    async publishRaw(message, { via, signal } = {}) {
      await publisher(via).publish(message, signal && { signal })
    },
    sendBack(message, name) {
      const origin = transports.find((transport) => transport.name === name)
      return (origin?.capabilities.publish ? origin : publisher(undefined)).publish(message)
    },
    takeReply(message) {
      if (!requester.isReply(message.topic)) return false
      requester.receive(message)
      return true
    },
    abandon: () => requester.abandon(),
  }
  return publishing

  function send(topic: Topic, topicName: string, payload: unknown, options: PublishOptions): Promise<void> {
    const transport = publisher(options.via)
    const checked = checkPayload(topic, topicName, payload)
    return checked instanceof Promise ? checked.then(sendChecked) : sendChecked()

    function sendChecked(): Promise<void> {
      // Named one by one: spreading them takes longer than all the rest of a publish.
      const { qos, retain, properties } = outbound(topic, options)
      const message = { topic: topicName, payload: topic.codec.encode(payload), qos, retain, properties }
      return transport.publish(message, options.signal && { signal: options.signal })
    }
  }

  function publisher(via: string | undefined): Transport {
    let found: Transport | undefined
    for (const transport of transports) {
      if (via === undefined ? !transport.capabilities.publish : transport.name !== via) continue
      if (found !== undefined) throw new ButlerError('TRANSPORT_AMBIGUOUS', `several transports can publish, name one in "via": ${able()}`)
      found = transport
    }
    if (found === undefined)
      throw new ButlerError('TRANSPORT_UNKNOWN', via === undefined ? 'no transport can publish' : `there is no transport "${via}"`)
    if (!found.capabilities.publish) throw new ButlerError('TRANSPORT_UNKNOWN', `transport "${found.name}" only receives`)
    return found
  }

  function able(): string {
    const publishers = transports.filter(({ capabilities }) => capabilities.publish)
    return publishers.map(({ name }) => name).join(', ')
  }

  // The first request on a transport subscribes to its answers; a butler that never asks needs no right to.
  async function listenToReplies(transport: Transport): Promise<void> {
    let ready = repliesTo.get(transport)
    if (ready === undefined) {
      ready = listening.add(transport, { filter: requester.replyFilter(transport), qos: Math.min(1, transport.capabilities.qos) as QoS })
      repliesTo.set(transport, ready)
      ready.catch(() => repliesTo.delete(transport))
    }
    await ready
  }
}

/** Instead of `async`: a promise in each layer costs more than all the rest of a message. */
function rejecting(work: () => Promise<void>): Promise<void> {
  try {
    return work()
  } catch (error) {
    return Promise.reject(error)
  }
}

function outbound(
  { definition, codec }: Topic,
  options: PublishOptions,
  expirySeconds?: number,
): Omit<Required<OutboundMessage>, 'topic' | 'payload'> {
  const { messageExpirySeconds = expirySeconds } = definition
  const { userProperties } = options
  return {
    qos: options.qos ?? definition.qos ?? 1,
    retain: options.retain ?? definition.retain ?? false,
    properties: {
      contentType: codec.contentType,
      ...(messageExpirySeconds !== undefined && { messageExpirySeconds }),
      ...(userProperties && { userProperties }),
    },
  }
}

function checkPayload({ definition }: Topic, topicName: string, payload: unknown): unknown {
  return definition.payload && validate(definition.payload, payload, () => `payload of ${topicName}`)
}

function splitArguments(topic: Topic, args: readonly unknown[]): { params: object; payload: unknown; options?: RequestOptions } {
  const [params, payload, options] = topic.paramNames.length > 0 ? args : [{}, ...args]
  return { params: params as object, payload, options: options as RequestOptions }
}
