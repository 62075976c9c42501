import { ButlerError } from '../errors.js'
import { validate } from '../schema.js'
import { json } from '../topic/codec.js'
import type { Topic } from '../topic/topic.js'
import type { InboundMessage } from '../transport/transport.js'
import { takeReplyTo, type ReplyAddress } from '../request/reply.js'
import { routeDefaults } from './route-options.js'
import type { Route } from './router.js'

/** A message beyond the route's limits. */
export class LimitError extends ButlerError<'PAYLOAD_TOO_LARGE' | 'PAYLOAD_TOO_DEEP'> {
  override readonly name = 'LimitError'
}

/** A message whose parameters and payload fit its contract. */
export interface OpenedMessage {
  readonly params: unknown
  readonly payload: unknown
  /** Where an answer goes, if the sender wants one. */
  readonly replyTo: ReplyAddress | undefined
}

/**
 * Limits, decode, validate: the steps before anything else happens to a message.
 *
 * @throws {@link LimitError}, `CodecError` or `SchemaError`
 */
export async function openMessage({ topic, options }: Pick<Route, 'topic' | 'options'>, message: InboundMessage): Promise<OpenedMessage> {
  const { maxPayloadBytes = routeDefaults.maxPayloadBytes, maxDepth = routeDefaults.maxDepth } = options
  if (message.payload.byteLength > maxPayloadBytes) {
    throw new LimitError(
      'PAYLOAD_TOO_LARGE',
      `payload of ${message.topic} has ${message.payload.byteLength} bytes, ${maxPayloadBytes} at most`,
    )
  }
  const decoded = topic.codec.decode(message.payload)
  if (topic.codec === json && isDeeperThan(decoded, maxDepth)) {
    throw new LimitError('PAYLOAD_TOO_DEEP', `payload of ${message.topic} is nested deeper than ${maxDepth} levels`)
  }
  const { payload, address } = topic.definition.reply ? takeReplyTo(decoded, message.properties) : { payload: decoded, address: undefined }
  const params = await checkParams(topic, message.topic)
  const schema = topic.definition.payload
  return { params, payload: schema ? await validate(schema, payload, `payload of ${message.topic}`) : payload, replyTo: address }
}

async function checkParams(topic: Topic, topicName: string): Promise<unknown> {
  const captured = topic.match(topicName) ?? {}
  const schemas = topic.definition.params
  if (schemas === undefined) return captured
  const params: Record<string, unknown> = { ...captured }
  for (const [name, schema] of Object.entries(schemas)) {
    params[name] = await validate(schema, params[name], `parameter "${name}" of ${topicName}`)
  }
  return params
}

// Level by level, not by recursion: the depth is the sender's to choose.
function isDeeperThan(value: unknown, maxDepth: number): boolean {
  let level = [value].filter(isContainer)
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === maxDepth) return true
    level = level.flatMap((container) => Object.values(container).filter(isContainer))
  }
  return false
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
