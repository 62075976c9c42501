import { encodeErrorReply } from '../request/reply.js'
import type { Topic } from '../topic/topic.js'
import type { AsyncApiMessage, AsyncApiReply, Reference } from './document.js'
import type { JsonSchema } from './json-schema.js'
import { toKey, uniqueKey } from './keys.js'
import type { AddPart } from './schema-book.js'

/** A message that wants no answer. */
export function eventMessage(name: string, contract: Topic, add: AddPart): AsyncApiMessage {
  const { summary, payload } = contract.definition
  return {
    name,
    ...(summary !== undefined && { summary }),
    contentType: contract.codec.contentType,
    payload: describeValue('payload', payload, contract, add),
  }
}

/** A message that says where its answer goes. */
export function requestMessage(name: string, contract: Topic, add: AddPart): AsyncApiMessage {
  return {
    ...eventMessage(name, contract, add),
    headers: {
      type: 'object',
      properties: {
        responseTopic: { type: 'string', description: 'Response Topic of the MQTT 5 packet: where the answer goes.' },
        correlationData: { type: 'string', description: 'Correlation Data of the MQTT 5 packet: comes back with the answer, unchanged.' },
      },
    },
    correlationId,
  }
}

const correlationId = { location: '$message.header#/correlationData' }

/** Where an answer goes. */
export const replyAddress: AsyncApiReply['address'] = {
  location: '$message.header#/responseTopic',
  description: 'The Response Topic of an MQTT 5 packet. Before MQTT 5, the member "$replyTo" of the JSON payload.',
}

/** What a request may be answered with, by message key: its reply, its declared errors, the failures of any request. */
export function replyMessages(name: string, contract: Topic, add: AddPart): Readonly<Record<string, AsyncApiMessage | Reference>> {
  const { reply, errors = {} } = contract.definition
  const keys = new Set<string>()
  const declared = Object.entries(errors).map(([code, schema]) => {
    const data = add(`errors.${code}`, schema).reference
    const message = errorMessage(`${name} ${code}`, `Declared error ${code}`, { const: code }, data)
    return [uniqueKey(keys, toKey(`error-${code}`)), message] as const
  })
  return {
    ...(reply && {
      reply: {
        name: `${name} reply`,
        contentType: contract.codec.contentType,
        correlationId,
        payload: describeValue('reply', reply, contract, add),
      },
    }),
    ...Object.fromEntries(declared),
    failure: { $ref: '#/components/messages/failure' },
  }
}

function errorMessage(name: string, summary: string, code: JsonSchema, data: JsonSchema | Reference): AsyncApiMessage {
  return {
    name,
    summary,
    contentType: encodeErrorReply({ code: '', message: '' }).contentType,
    correlationId,
    payload: {
      type: 'object',
      required: ['$error'],
      properties: { $error: { type: 'object', required: ['code', 'message'], properties: { code, message: { type: 'string' }, data } } },
    },
  }
}

/** What any request may be answered with: its fault, too slow, or a fault of the program. */
export const failureMessage: AsyncApiMessage = errorMessage(
  'failure',
  'The request does not fit its contract, took too long, or its handler failed',
  { enum: ['INVALID', 'TIMEOUT', 'INTERNAL'] },
  { description: 'For INVALID: an object whose issues say what does not fit, and where.' },
)

// Without a schema the codec is what is known; of bytes nothing more can be said.
function describeValue(
  part: 'payload' | 'reply',
  schema: Topic['definition']['payload'],
  { codec }: Topic,
  add: AddPart,
): JsonSchema | Reference {
  if (codec.name === 'binary') return { type: 'string', format: 'binary' }
  if (schema) return add(part, schema).reference
  return codec.name === 'text' ? { type: 'string' } : {}
}
