import { ButlerError, messageOf } from '../errors.js'
import { ownSchema } from '../own-schema.js'
import { json } from '../topic/codec.js'
import { topic, type Topic } from '../topic/topic.js'
import type { InboundMessage, OutboundMessage } from '../transport/transport.js'
import type { Schema } from '../schema.js'
import type { MessageReport } from './reports.js'

/** A message that could not be handled, with all that is needed to handle it later. */
export interface DeadLetter {
  /** The topic name it was published to. */
  readonly topic: string
  readonly transport: string
  /** The pattern of the route that gave up. */
  readonly route: string
  /** Its code where the failure has one (`SCHEMA_MISMATCH`, `REJECTED`, `HANDLER_TIMEOUT`), else `FAILED`. */
  readonly reason: string
  /** Runs, 0 where no handler ran. */
  readonly attempts: number
  readonly firstError: string
  readonly lastError: string
  /** The bytes, as text where they are UTF-8. */
  readonly payload: string
  readonly encoding: 'utf8' | 'base64'
  readonly contentType?: string
  /** ISO 8601. */
  readonly at: string
}

/** What happened on the way to a dead letter. */
export interface DeadLetterCause {
  readonly attempts: number
  readonly firstError: unknown
  readonly lastError: unknown
  readonly at: Date
}

const text = { type: 'string' }

/** Trusts what was published below a dead-letter topic: butlers write there, and nobody else should. */
const deadLetterSchema: Schema<DeadLetter> = ownSchema(
  {
    type: 'object',
    required: ['topic', 'transport', 'route', 'reason', 'attempts', 'firstError', 'lastError', 'payload', 'encoding', 'at'],
    properties: {
      topic: text,
      transport: text,
      route: text,
      reason: text,
      attempts: { type: 'integer', minimum: 0 },
      firstError: text,
      lastError: text,
      payload: text,
      encoding: { enum: ['utf8', 'base64'] },
      contentType: text,
      at: { type: 'string', format: 'date-time' },
    },
  },
  (value) =>
    typeof value === 'object' && value !== null && 'topic' in value && 'payload' in value
      ? undefined
      : { message: 'not a dead letter', path: [] },
)

/** The contract of dead letters below their default prefix: route them to look at, or to try again. */
export const deadLetters: Topic<
  'dead-letter/#topic',
  { params: { readonly topic: readonly string[] }; input: DeadLetter; payload: DeadLetter; replyInput: void; reply: void; errors: {} }
> = topic('dead-letter/#topic', { payload: deadLetterSchema, summary: 'Messages that could not be handled' })

/** Why a message died: a code to branch on. */
export function deadLetterReason(error: unknown): string {
  return ButlerError.is(error) ? error.code : 'FAILED'
}

/** The dead letter as a message, its bytes unchanged inside. */
export function toDeadLetter(prefix: string, inbound: InboundMessage, report: MessageReport, cause: DeadLetterCause): OutboundMessage {
  const { contentType } = inbound.properties
  const letter: DeadLetter = {
    ...report,
    reason: deadLetterReason(cause.lastError),
    attempts: cause.attempts,
    firstError: messageOf(cause.firstError),
    lastError: messageOf(cause.lastError),
    ...toText(inbound.payload),
    ...(contentType !== undefined && { contentType }),
    at: cause.at.toISOString(),
  }
  return {
    // What one broker lets through another hangs up on (MQTT 5.0, section 1.5.4); the letter names the topic as it is.
    topic: `${prefix}/${inbound.topic.replaceAll(/[\p{Cc}\p{Noncharacter_Code_Point}]/gu, '\ufffd')}`,
    payload: json.encode(letter),
    qos: 1,
    retain: false,
    properties: { contentType: json.contentType },
  }
}

/** The bytes of the message that died. */
export function deadLetterBytes({ payload, encoding }: DeadLetter): Uint8Array {
  return Buffer.from(payload, encoding)
}

function toText(bytes: Uint8Array): Pick<DeadLetter, 'payload' | 'encoding'> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const payload = buffer.toString('utf8')
  return Buffer.from(payload, 'utf8').equals(buffer)
    ? { payload, encoding: 'utf8' }
    : { payload: buffer.toString('base64'), encoding: 'base64' }
}
