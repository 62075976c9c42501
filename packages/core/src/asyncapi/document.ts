import type { QoS } from '../transport/transport.js'
import type { JsonSchema } from './json-schema.js'

/** Points to another place in the document. */
export interface Reference {
  readonly $ref: string
}

/** An AsyncAPI 3.0 document as far as contracts fill it: plain data, to be written as JSON. @see https://www.asyncapi.com/docs/reference/specification/v3.0.0 */
export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0'
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly defaultContentType: string
  readonly servers?: Readonly<Record<string, AsyncApiServer>>
  /** One per contract, and one for the answers of each request. */
  readonly channels: Readonly<Record<string, AsyncApiChannel>>
  readonly operations: Readonly<Record<string, AsyncApiOperation>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly messages?: Readonly<Record<string, AsyncApiMessage>>
  }
}

/** A broker. */
export interface AsyncApiServer {
  /** With the port where the URL names one. */
  readonly host: string
  readonly protocol: string
  readonly pathname?: string
}

/** A topic. */
export interface AsyncApiChannel {
  /** The pattern with its wildcards in braces; `null` where a request says where its answer goes. */
  readonly address: string | null
  readonly summary?: string
  readonly parameters?: Readonly<Record<string, AsyncApiParameter>>
  readonly messages: Readonly<Record<string, AsyncApiMessage | Reference>>
}

/** A wildcard of a topic. */
export interface AsyncApiParameter {
  readonly description: string
  readonly enum?: readonly string[]
  readonly default?: string
  readonly examples?: readonly string[]
  /** What the contract's schema says of it: more than AsyncAPI has room for. */
  readonly 'x-schema'?: Reference
}

/** What is said on a topic. */
export interface AsyncApiMessage {
  readonly name: string
  readonly summary?: string
  readonly contentType: string
  readonly headers?: JsonSchema
  readonly correlationId?: { readonly location: string; readonly description?: string }
  readonly payload: JsonSchema | Reference
}

/** What the program does on a topic. */
export interface AsyncApiOperation {
  readonly action: 'receive' | 'send'
  readonly channel: Reference
  readonly summary?: string
  readonly messages: readonly Reference[]
  readonly reply?: AsyncApiReply
  readonly bindings: { readonly mqtt: AsyncApiMqttBinding }
}

/** How a request is answered. */
export interface AsyncApiReply {
  readonly address: { readonly location: string; readonly description: string }
  readonly channel: Reference
  readonly messages: readonly Reference[]
}

/** How MQTT carries it. @see https://github.com/asyncapi/bindings/tree/master/mqtt */
export interface AsyncApiMqttBinding {
  readonly qos: QoS
  readonly retain: boolean
  /** Seconds. */
  readonly messageExpiryInterval?: number
  readonly bindingVersion: '0.2.0'
}
