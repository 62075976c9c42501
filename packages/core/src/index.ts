// Topics and contracts
export { topic, type AnySchema, type Topic, type TopicDefinition, type TopicOf, type TopicTypes } from './topic/topic.js'
export { TopicError, type TopicParams, type ValidPattern } from './topic/pattern.js'
export { binary, CodecError, json, text, type Codec } from './topic/codec.js'

// Errors, schemas, logging
export { ButlerError, messageOf } from './errors.js'
export { SchemaError, validate, type Schema, type SchemaInput, type SchemaIssue, type SchemaOutput } from './schema.js'
export { silent, withFields, type LogFields, type Logger } from './logger.js'

// The transport port
export type {
  Disposition,
  InboundMessage,
  MessageProperties,
  OutboundMessage,
  QoS,
  StatusMessages,
  Subscription,
  Transport,
  TransportCapabilities,
  TransportHealth,
  TransportSession,
} from './transport/transport.js'

// The notifier port
export type { Notification, Notifier, NotifyOptions, Receipt, Severity } from './notify/notifier.js'
export { fanOut, FanOutError } from './notify/fan-out.js'

// Time
export { sleep, systemClock, type Clock } from './clock.js'
