import type { Topic } from '../topic/topic.js'
import { toAddress } from './address.js'
import type { AsyncApiChannel, AsyncApiDocument, AsyncApiMqttBinding, AsyncApiOperation, AsyncApiReply } from './document.js'
import type { ToJsonSchema } from './json-schema.js'
import { toKey, uniqueKey } from './keys.js'
import { eventMessage, failureMessage, replyAddress, replyMessages, requestMessage } from './messages.js'
import { toParameters } from './parameters.js'
import { createSchemaBook, type AddPart } from './schema-book.js'
import { toServer } from './servers.js'

/** The contracts of a program under names of your own, which the document keeps. A contract may stand on both sides. */
export interface AsyncApiContracts {
  /** Those it handles. @defaultValue none */
  readonly receives?: Readonly<Record<string, Topic>>
  /** Those it publishes, and the requests it makes. @defaultValue none */
  readonly sends?: Readonly<Record<string, Topic>>
}

/** What the document says beside the contracts. */
export interface AsyncApiInfo {
  readonly title: string
  /** The program's, not AsyncAPI's. */
  readonly version: string
  /** Markdown. */
  readonly description?: string
  /** Names and URLs of brokers, `mqtts://broker.lab:8883`. A user and password in one are left out. @defaultValue none */
  readonly servers?: Readonly<Record<string, string>>
  /** For schemas that give no JSON Schema themselves, such as valibot's. Asked first; `undefined` leaves it to the schema. */
  readonly toJsonSchema?: ToJsonSchema
}

/** Something the document could not say; in its place stands what accepts anything, or the nearest there is. */
export interface AsyncApiWarning {
  /** The contract's name. */
  readonly contract: string
  /** `address`, `payload`, `reply`, `params.<name>` or `errors.<code>`. */
  readonly part: string
  /** Where in the part's JSON Schema, from the outside in; empty for all of it. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** A document, and what it could not say. */
export interface AsyncApiResult {
  readonly document: AsyncApiDocument
  readonly warnings: readonly AsyncApiWarning[]
}

/**
 * Describes contracts as an AsyncAPI 3.0 document: a channel per contract with its wildcards as parameters, operations in both directions,
 * answers and declared errors of requests, MQTT bindings, and JSON Schemas of what travels. No schema makes it throw: dates become
 * `date-time` texts, what JSON Schema cannot say becomes `{}` and a warning.
 *
 * @throws `AsyncApiError` `ASYNCAPI_SERVER_URL` for a server that is not a URL
 * @see https://www.asyncapi.com/docs/reference/specification/v3.0.0
 * @example
 * ```ts
 * const { document, warnings } = asyncapi({ receives: { startTask }, sends: { taskDone } }, { title: 'Butler', version: '1.0.0' })
 * ```
 */
export function asyncapi({ receives = {}, sends = {} }: AsyncApiContracts, info: AsyncApiInfo): AsyncApiResult {
  const { title, version, description, servers, toJsonSchema } = info
  const warnings: AsyncApiWarning[] = []
  const schemas = createSchemaBook(toJsonSchema)
  const channels = new Map<string, AsyncApiChannel>()
  const operations = new Map<string, AsyncApiOperation>()
  const described = new Map<Topic, Described>()
  const channelKeys = new Set<string>()
  const operationKeys = new Set<string>()

  for (const [name, contract] of Object.entries(receives)) describe('receive', name, contract)
  for (const [name, contract] of Object.entries(sends)) describe('send', name, contract)

  const asksOrAnswers = [...operations.values()].some((operation) => operation.reply)
  const document: AsyncApiDocument = {
    asyncapi: '3.0.0',
    info: { title, version, ...(description !== undefined && { description }) },
    defaultContentType: 'application/json',
    ...(servers && { servers: Object.fromEntries(Object.entries(servers).map(([name, url]) => [toKey(name), toServer(name, url)])) }),
    channels: Object.fromEntries(channels),
    operations: Object.fromEntries(operations),
    components: { schemas: schemas.all(), ...(asksOrAnswers && { messages: { failure: failureMessage } }) },
  }
  return { document, warnings }

  function describe(action: 'receive' | 'send', name: string, contract: Topic): void {
    let known = described.get(contract)
    if (known === undefined) described.set(contract, (known = describeContract(name, contract)))
    const { summary } = contract.definition
    operations.set(uniqueKey(operationKeys, toKey(`${action}-${name}`)), {
      action,
      channel: { $ref: `#/channels/${known.channel}` },
      ...(summary !== undefined && { summary }),
      messages: [{ $ref: `#/channels/${known.channel}/messages/${known.message}` }],
      ...(known.reply && { reply: known.reply }),
      bindings: { mqtt: mqttBinding(contract) },
    })
  }

  function describeContract(name: string, contract: Topic): Described {
    const { summary, reply, errors } = contract.definition
    const isRequest = reply !== undefined || errors !== undefined
    const channel = uniqueKey(channelKeys, toKey(name))
    const address = toAddress(contract.pattern)
    if (address.encoded) warnings.push({ contract: name, part: 'address', path: [], message: 'braces in a level are percent-encoded' })
    const add: AddPart = (part, schema) =>
      schemas.add(`${channel}.${part}`, schema, (gap) => warnings.push({ contract: name, part, ...gap }))
    channels.set(channel, {
      address: address.text,
      ...(summary !== undefined && { summary }),
      ...(address.wildcards.length > 0 && { parameters: toParameters(address.wildcards, contract, add) }),
      messages: { [channel]: isRequest ? requestMessage(name, contract, add) : eventMessage(name, contract, add) },
    })
    return { channel, message: channel, ...(isRequest && { reply: describeReply(name, channel, contract, add) }) }
  }

  function describeReply(name: string, request: string, contract: Topic, add: AddPart): AsyncApiReply {
    const channel = uniqueKey(channelKeys, `${request}-reply`)
    const messages = replyMessages(name, contract, add)
    channels.set(channel, { address: null, summary: `Answers to ${name}`, messages })
    return {
      address: replyAddress,
      channel: { $ref: `#/channels/${channel}` },
      messages: Object.keys(messages).map((message) => ({ $ref: `#/channels/${channel}/messages/${message}` })),
    }
  }
}

/** Where a contract stands in the document. */
interface Described {
  readonly channel: string
  readonly message: string
  readonly reply?: AsyncApiReply
}

function mqttBinding({ definition: { qos = 1, retain = false, messageExpirySeconds } }: Topic): AsyncApiMqttBinding {
  return {
    qos,
    retain,
    ...(messageExpirySeconds !== undefined && { messageExpiryInterval: messageExpirySeconds }),
    bindingVersion: '0.2.0',
  }
}
