import { ButlerError } from '../errors.js'
import { validate } from '../schema.js'
import { json } from '../topic/codec.js'
import type { Topic } from '../topic/topic.js'
import type { InboundMessage } from '../transport/transport.js'
import { takeReplyTo, type ReplyAddress } from '../request/reply.js'
import type { Awaitable } from './awaitable.js'
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
 * Limits, decode, validate: the steps before anything else happens to a message. At once where the schemas answer at once.
 *
 * @throws {@link LimitError}, `CodecError` or `SchemaError`, at once or as a rejection
 */
export function openMessage({ topic, options }: Pick<Route, 'topic' | 'options'>, message: InboundMessage): Awaitable<OpenedMessage> {
  const { maxPayloadBytes = routeDefaults.maxPayloadBytes, maxDepth = routeDefaults.maxDepth } = options
  const { codec, definition } = topic
  const { byteLength } = message.payload
  if (byteLength > maxPayloadBytes) {
    throw new LimitError('PAYLOAD_TOO_LARGE', `payload of ${message.topic} has ${byteLength} bytes, ${maxPayloadBytes} at most`)
  }
  const decoded = codec.decode(message.payload)
  // Each level takes two bytes of JSON at least.
  if (codec === json && byteLength >= 2 * maxDepth && isDeeperThan(decoded, maxDepth)) {
    throw new LimitError('PAYLOAD_TOO_DEEP', `payload of ${message.topic} is nested deeper than ${maxDepth} levels`)
  }
  const { payload: given, address: replyTo } = definition.reply
    ? takeReplyTo(decoded, message.properties)
    : { payload: decoded, address: undefined }
  const params = checkParams(topic, message.topic)
  const payload = definition.payload ? validate(definition.payload, given, () => `payload of ${message.topic}`) : given
  if (!(params instanceof Promise) && !(payload instanceof Promise)) return { params, payload, replyTo }
  return Promise.all([params, payload]).then(([checkedParams, checkedPayload]) => ({
    params: checkedParams,
    payload: checkedPayload,
    replyTo,
  }))
}

const noParams: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null))

function checkParams(topic: Topic, topicName: string): Awaitable<unknown> {
  const captured = topic.paramNames.length === 0 ? noParams : (topic.match(topicName) ?? noParams)
  const schemas = topic.definition.params
  if (schemas === undefined) return captured
  const params: Record<string, unknown> = { ...captured }
  const waits: Promise<void>[] = []
  for (const name in schemas) {
    const value: unknown = validate(schemas[name]!, params[name], () => `parameter "${name}" of ${topicName}`)
    if (value instanceof Promise) waits.push(value.then((checked) => void (params[name] = checked)))
    else params[name] = value
  }
  return waits.length === 0 ? params : Promise.all(waits).then(() => params)
}

/** @param maxDepth - bounds the recursion, whatever the sender sends */
function isDeeperThan(value: unknown, maxDepth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (maxDepth === 0) return true
  for (const key in value) if (isDeeperThan((value as Record<string, unknown>)[key], maxDepth - 1)) return true
  return false
}
