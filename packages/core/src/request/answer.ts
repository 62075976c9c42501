import { ButlerError, messageOf } from '../errors.js'
import { validate, type SchemaError } from '../schema.js'
import type { OutboundMessage } from '../transport/transport.js'
import { DeclaredError } from '../router/outcome.js'
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
    return answerFailed(passage, address, error)
  }
  await send(passage, address, payload, topic.codec.contentType)
}

/** Answers a request that does not fit its contract: the mistake is the requester's, who is told all about it. */
export function answerInvalid(passage: Passage, address: ReplyAddress, error: unknown): Promise<void> {
  const data = ButlerError.is(error, 'SCHEMA_MISMATCH') ? { issues: (error as SchemaError).issues } : undefined
  return sendError(passage, address, { code: 'INVALID', message: messageOf(error), data })
}

/** Answers a request whose handler failed: declared errors are told whole, a `Reject` with its reason, anything else by its kind only. */
export function answerFailed(passage: Passage, address: ReplyAddress, error: unknown): Promise<void> {
  if (DeclaredError.isDeclared(error)) return sendError(passage, address, { code: error.code, message: error.message, data: error.data })
  if (ButlerError.is(error, 'REJECTED')) return sendError(passage, address, { code: error.code, message: error.message })
  if (ButlerError.is(error, 'HANDLER_TIMEOUT')) return sendError(passage, address, { code: 'TIMEOUT', message: error.message })
  return sendError(passage, address, { code: 'INTERNAL', message: 'the handler failed' })
}

function sendError(passage: Passage, address: ReplyAddress, error: ErrorReply): Promise<void> {
  const { payload, contentType } = encodeErrorReply(error)
  return send(passage, address, payload, contentType)
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
