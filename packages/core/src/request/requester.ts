import type { Clock } from '../clock.js'
import { ButlerError } from '../errors.js'
import { validate } from '../schema.js'
import { DeclaredError } from '../router/outcome.js'
import type { Topic } from '../topic/topic.js'
import type { InboundMessage, OutboundMessage, QoS, Transport } from '../transport/transport.js'
import { addReplyTo, decodeErrorReply } from './reply.js'

/** A request that got no answer, or one that says no. A declared error comes as `DeclaredError` with its own code. */
export class RequestError extends ButlerError<
  'REQUEST_TIMEOUT' | 'REQUEST_INVALID' | 'REQUEST_FAILED' | 'REQUEST_UNSUPPORTED' | 'REQUEST_ABANDONED'
> {
  override readonly name = 'RequestError'
  /** What the answer carried; for `REQUEST_INVALID` the issues. */
  readonly data: unknown

  constructor(code: RequestError['code'], message: string, options?: ErrorOptions & { readonly data?: unknown }) {
    super(code, message, options)
    this.data = options?.data
  }
}

/** One request on its way. */
export interface OutboundRequest {
  readonly transport: Transport
  readonly contract: Topic
  /** Topic name, value already checked, and how to send it. */
  readonly topicName: string
  readonly payload: unknown
  readonly message: Omit<OutboundMessage, 'topic' | 'payload'>
  /** Longest wait for the answer, in milliseconds. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** Sends requests and hands their answers to those who wait. */
export interface Requester {
  /** The filter that answers sent to this transport's client match. */
  replyFilter(transport: Transport): string
  /**
   * @throws `DeclaredError`, {@link RequestError}, `SchemaError` for an answer that does not fit, or the signal's reason
   */
  request(request: OutboundRequest): Promise<unknown>
  /**
   * Sends a message to ourselves. Resolves once it is back: what the broker had for us before has then come.
   *
   * @throws {@link RequestError} `REQUEST_TIMEOUT` after 30 s
   */
  echo(transport: Transport): Promise<void>
  /** Takes a message on a reply topic. @returns whether somebody waited for it; a late or foreign one is dropped */
  receive(message: InboundMessage): boolean
  /** Whether the topic name is one that answers come to. */
  isReply(topicName: string): boolean
  /** Ends every wait. */
  abandon(): void
}

const replyPrefix = 'butlerkit/reply/'

interface Waiting {
  readonly correlation: string
  answered(message: InboundMessage): void
  failed(reason: unknown): void
}

export function createRequester(clock: Clock): Requester {
  const waiting = new Map<string, Waiting>()

  return {
    replyFilter: (transport) => `${replyPrefix}${clientLevel(transport)}/+`,
    isReply: (topicName) => topicName.startsWith(replyPrefix),
    async request(request) {
      const correlation = crypto.randomUUID()
      const replyTo = `${replyPrefix}${clientLevel(request.transport)}/${correlation}`
      const message = toMessage(request, replyTo, correlation)
      const answer = await waitFor(replyTo, correlation, request, (signal) => request.transport.publish(message, { signal }))
      return readAnswer(request, answer)
    },
    async echo(transport) {
      const correlation = crypto.randomUUID()
      const topic = `${replyPrefix}${clientLevel(transport)}/${correlation}`
      const message: OutboundMessage = {
        topic,
        payload: new Uint8Array(),
        qos: Math.min(1, transport.capabilities.qos) as QoS,
        retain: false,
      }
      await waitFor(topic, correlation, { topicName: topic, timeoutMs: 30_000 }, (signal) => transport.publish(message, { signal }))
    },
    receive(message) {
      const entry = waiting.get(message.topic)
      const { correlationData } = message.properties
      if (entry === undefined || (correlationData && Buffer.from(correlationData).toString() !== entry.correlation)) return false
      entry.answered(message)
      return true
    },
    abandon() {
      for (const { failed } of waiting.values()) failed(new RequestError('REQUEST_ABANDONED', 'the butler stopped before the answer came'))
    },
  }

  function waitFor(
    replyTo: string,
    correlation: string,
    { signal, timeoutMs, topicName }: Pick<OutboundRequest, 'signal' | 'timeoutMs' | 'topicName'>,
    send: (signal: AbortSignal) => Promise<void>,
  ): Promise<InboundMessage> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const abort = () => failed(signal?.reason)
      const givenUp = new AbortController()
      const cancelTimer = clock.schedule(
        () => failed(new RequestError('REQUEST_TIMEOUT', `no answer to ${topicName} within ${timeoutMs} ms`)),
        timeoutMs,
      )
      signal?.addEventListener('abort', abort, { once: true })
      waiting.set(replyTo, { correlation, answered, failed })
      send(givenUp.signal).catch(failed)

      function answered(message: InboundMessage): void {
        stopWaiting()
        resolve(message)
      }

      function failed(reason: unknown): void {
        stopWaiting()
        reject(reason)
        // Where it still waits for a connection, it must not be sent to one who would do what nobody wants any more.
        givenUp.abort(reason)
      }

      function stopWaiting(): void {
        waiting.delete(replyTo)
        cancelTimer()
        signal?.removeEventListener('abort', abort)
      }
    })
  }
}

function toMessage(
  { contract, transport, topicName, payload, message }: OutboundRequest,
  replyTo: string,
  correlation: string,
): OutboundMessage {
  const inPacket = transport.capabilities.reply
  return {
    ...message,
    topic: topicName,
    payload: contract.codec.encode(inPacket ? payload : addReplyTo(payload, replyTo)),
    properties: { ...message.properties, ...(inPacket && { responseTopic: replyTo, correlationData: Buffer.from(correlation) }) },
  }
}

async function readAnswer({ contract, topicName }: OutboundRequest, answer: InboundMessage): Promise<unknown> {
  const error = decodeErrorReply(answer.payload, answer.properties)
  if (error) {
    const schema = contract.definition.errors?.[error.code]
    if (schema)
      throw new DeclaredError(error.code, await validate(schema, error.data, `error ${error.code} of ${topicName}`), error.message)
    const code = error.code === 'INVALID' ? 'REQUEST_INVALID' : 'REQUEST_FAILED'
    throw new RequestError(code, `${topicName} was answered ${error.code}: ${error.message}`, { data: error.data })
  }
  const value = contract.codec.decode(answer.payload)
  return contract.definition.reply ? validate(contract.definition.reply, value, `reply to ${topicName}`) : value
}

// A client identifier may hold what a topic level may not; percent-encoding leaves neither '/', '+' nor '#'.
function clientLevel(transport: Transport): string {
  return encodeURIComponent(transport.clientId)
}
