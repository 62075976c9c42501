import { ButlerError } from '../errors.js'
import { json } from '../topic/codec.js'
import type { MessageProperties } from '../transport/transport.js'

// MQTT 5 carries the address of an answer in the packet. Before MQTT 5 it travels in the payload, as one reserved member of a JSON object.
const replyToMember = '$replyTo'
const errorMember = '$error'
const errorContentType = 'application/vnd.butlerkit.error+json'

/** Where an answer goes. */
export interface ReplyAddress {
  readonly topic: string
  readonly correlationData?: Uint8Array
}

/** A failure as it travels to the requester. */
export interface ErrorReply {
  /** One of the contract's declared errors, or `INVALID`, `REJECTED`, `TIMEOUT`, `INTERNAL`. */
  readonly code: string
  readonly message: string
  /** The declared error's data; for `INVALID` the issues. */
  readonly data?: unknown
}

/** Puts the reply address into a JSON request for a transport whose messages cannot carry one. */
export function addReplyTo(payload: unknown, replyTo: string): unknown {
  if (!isPlainObject(payload)) {
    throw new ButlerError(
      'REQUEST_UNSUPPORTED',
      'before MQTT 5 only a JSON object can be a request: the reply address travels as its member "$replyTo"',
    )
  }
  return { ...payload, [replyToMember]: replyTo }
}

/** Takes the reply address out of a decoded request: from the packet, or else from the JSON object's reserved member. */
export function takeReplyTo(payload: unknown, properties: MessageProperties): { payload: unknown; address?: ReplyAddress } {
  const { responseTopic, correlationData } = properties
  if (responseTopic !== undefined) return { payload, address: { topic: responseTopic, ...(correlationData && { correlationData }) } }
  if (!isPlainObject(payload) || typeof payload[replyToMember] !== 'string') return { payload }
  const { [replyToMember]: topic, ...rest } = payload
  return { payload: rest, address: { topic } }
}

/** Bytes and media type of a failure. The shape is the same whatever the contract's codec. */
export function encodeErrorReply({ code, message, data }: ErrorReply): { payload: Uint8Array; contentType: string } {
  return { payload: json.encode({ [errorMember]: { code, message, data } }), contentType: errorContentType }
}

/** The failure in an answer, or `undefined` where the answer is one the contract's codec reads. */
export function decodeErrorReply(payload: Uint8Array, { contentType }: MessageProperties): ErrorReply | undefined {
  if (contentType !== undefined && contentType !== errorContentType) return undefined
  const decoded = tryJson(payload)
  const error = isPlainObject(decoded) ? decoded[errorMember] : undefined
  if (!isPlainObject(error) || typeof error['code'] !== 'string') return undefined
  return { code: error['code'], message: typeof error['message'] === 'string' ? error['message'] : '', data: error['data'] }
}

function tryJson(payload: Uint8Array): unknown {
  try {
    return json.decode(payload)
  } catch {
    return undefined
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
