import { ButlerError, messageOf } from '../errors.js'
import { SchemaError, validate } from '../schema.js'
import type { OutboundMessage } from '../transport/transport.js'
import { DeclaredError, HandlerTimeoutError } from '../router/outcome.js'
import type { Passage } from '../router/passage.js'
import { encodeErrorReply, type ErrorReply, type ReplyAddress } from './reply.js'

/**
 * Answers a request with what the handler returned. The handler has done its work: a value that does not fit the contract, or an answer
 * that cannot be sent, is reported, and makes no further run.
 */
export async function answer(passage: Passage, address: ReplyAddress, value: unknown): Promise<void> {
  const { topic } = passage.route
  let payload: Uint8Array
  try {
    if (topic.definition.reply) await validate(topic.definition.reply, value, `reply to ${passage.inbound.topic}`)
    payload = topic.codec.encode(value)
  } catch (error) {
    passage.host.report('failed', { ...passage.report, error, stage: 'reply', attempt: 1 })
    return answerWithError(passage, address, new ButlerError('REPLY_INVALID', 'the answer does not fit its contract'))
  }
  await send(passage, address, payload, topic.codec.contentType)
}

/** Answers a request with a failure. */
export async function answerWithError(passage: Passage, address: ReplyAddress, error: unknown): Promise<void> {
  const { payload, contentType } = encodeErrorReply(toErrorReply(error))
  await send(passage, address, payload, contentType)
}

// An answer that cannot be sent is reported and goes no further: the requester's time will run out.
async function send({ host, inbound, report }: Passage, address: ReplyAddress, payload: Uint8Array, contentType: string): Promise<void> {
  const { topic, correlationData } = address
  const message: OutboundMessage = {
    topic,
    payload,
    qos: inbound.qos,
    retain: false,
    properties: { contentType, ...(correlationData && { correlationData }) },
  }
  try {
    await host.send(message, report.transport)
  } catch (error) {
    host.report('failed', { ...report, error, stage: 'reply', attempt: 1 })
  }
}

// What a stranger is told: declared errors whole, the requester's own mistakes with the issues, anything else by its name only.
function toErrorReply(error: unknown): ErrorReply {
  if (error instanceof DeclaredError) {
    return { code: error.code, message: error.message, data: error.data }
  }
  if (error instanceof SchemaError) return { code: 'INVALID', message: error.message, data: { issues: error.issues } }
  if (error instanceof HandlerTimeoutError) return { code: 'TIMEOUT', message: error.message }
  if (ButlerError.is(error) && (error.code.startsWith('PAYLOAD_') || error.code === 'REJECTED')) {
    return { code: 'INVALID', message: messageOf(error) }
  }
  return { code: 'INTERNAL', message: 'the handler failed' }
}
