// Topics and contracts
export { topic, type AnySchema, type Topic, type TopicDefinition, type TopicOf, type TopicTypes } from './topic/topic.js'
export { relocate, type Relocated } from './topic/relocate.js'
export { TopicError, type TopicParams, type ValidPattern } from './topic/pattern.js'
export { binary, CodecError, json, text, type Codec } from './topic/codec.js'
export { isTopicName } from './topic/topic-name.js'
export { isTopicFilter, topicMatches } from './topic/topic-filter.js'
export { createTopicMatcher, type TopicMatcher } from './topic/matcher.js'

// Router
export { createRouter, type Mountable, type Route, type Router } from './router/router.js'
export type { Awaitable } from './router/awaitable.js'
export type { Handler, Message, Publisher, PublishOptions, TopicArguments } from './router/message.js'
export type { AnyMiddleware, Merge, Middleware, Next } from './router/middleware.js'
export { RouteError, type DedupeOptions, type RetryOptions, type RouteOptions } from './router/route-options.js'
export { exponential, type Backoff, type ExponentialOptions } from './router/backoff.js'
export { DeclaredError, HandlerTimeoutError, Reject, Retry, type RetryRequest } from './router/outcome.js'
export { LimitError } from './router/open.js'
export { deadLetterBytes, deadLetters, type DeadLetter } from './router/dead-letter.js'
export type { FailureReport, MessageEvents, MessageReport } from './router/reports.js'

// Butler
export { createButler, type Attachment, type Butler } from './butler/butler.js'
export type { ButlerOptions } from './butler/butler-options.js'
export type { ButlerEvents } from './butler/events.js'
export type { ButlerHealth, ComponentHealth } from './butler/health.js'
export type { ButlerCounters, ButlerMetrics } from './butler/metrics.js'
export type { RequestOptions, RequestResult, Requests, SendOptions } from './butler/publishing.js'
export type { State } from './butler/state.js'
export type { OnceOptions, SeenMessage } from './butler/watching.js'
export { butlerStatus, type ButlerStatus, type StatusTopic } from './butler/status.js'
export { RequestError } from './request/requester.js'

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
export { createMemoryBroker, type MemoryBroker, type MemoryBrokerOptions } from './transport/memory-transport.js'
export type { MemoryTransportOptions } from './transport/memory-client.js'
export type { MemoryFaults, MemoryOperation } from './transport/memory-faults.js'
export { MemoryTransportError, type MemoryProtocol } from './transport/memory-packet.js'

// The notifier port
export type { Notification, Notifier, NotifyOptions, Receipt, Severity } from './notify/notifier.js'
export { fanOut, FanOutError } from './notify/fan-out.js'

// The store port
export type { Store, StoreSetOptions } from './store/store.js'
export { memoryStore, type MemoryStoreOptions } from './store/memory-store.js'

// Errors, schemas, logging, time
export { ButlerError, messageOf } from './errors.js'
export { SchemaError, validate, type Schema, type SchemaInput, type SchemaIssue, type SchemaOutput } from './schema.js'
export { silent, withFields, type LogFields, type Logger } from './logger.js'
export { sleep, systemClock, type Clock } from './clock.js'
