import type { Schema, SchemaInput, SchemaOutput } from '../schema.js'
import type { QoS } from '../transport/transport.js'
import { json, type Codec } from './codec.js'
import { fillPattern, matchPattern, parsePattern, toFilter, type ParamNames, type TopicParams, type ValidPattern } from './pattern.js'

/** Any Standard Schema, whatever it takes and gives. */
// oxlint-disable-next-line typescript/no-explicit-any -- the widest constraint; a narrower one would refuse schemas by variance
export type AnySchema = Schema<any, any>

/** The plain types a contract carries. Members, not type arguments, so that hovers can be read. */
export interface TopicTypes {
  /** What a handler gets and a publisher gives for the pattern's wildcards. */
  params: unknown
  /** What a publisher gives. */
  input: unknown
  /** What a handler gets. */
  payload: unknown
  /** What a handler returns. */
  replyInput: unknown
  /** What a requester gets. */
  reply: unknown
  /** Declared errors: code to data. */
  errors: unknown
}

/** What a contract says beyond its pattern. All of it is optional. */
export interface TopicDefinition<
  ParamSchemas = Readonly<Record<string, AnySchema>>,
  Payload = AnySchema,
  Reply = AnySchema,
  Errors = Readonly<Record<string, AnySchema>>,
  Value = unknown,
> {
  /** Checks or converts single wildcards. A publisher gives the converted value. */
  readonly params?: ParamSchemas
  /** Checks the payload, on its way in and out. @defaultValue anything the codec reads */
  readonly payload?: Payload
  /** Makes the topic a request: what its answer looks like. */
  readonly reply?: Reply
  /** Errors a handler may answer with: code to the schema of its data. */
  readonly errors?: Errors
  /** @defaultValue {@link json} */
  readonly codec?: Codec<Value>
  /** Quality of service to subscribe and publish with. @defaultValue 1 */
  readonly qos?: QoS
  /** Publishes are retained: the topic holds a state, not an event. @defaultValue false */
  readonly retain?: boolean
  /** Seconds after which a message is worth nothing, told to brokers that know (MQTT 5). @defaultValue never */
  readonly messageExpirySeconds?: number
  /** One line for documents. */
  readonly summary?: string
}

/** A contract: what is said on a topic. Plain data without I/O, for handling, publishing, asking and documents. */
export interface Topic<P extends string = string, T extends TopicTypes = TopicTypes> {
  /** As written, with names: `qliksense/+site/start_task`. */
  readonly pattern: P
  /** To subscribe to: `qliksense/+/start_task`. */
  readonly filter: string
  readonly definition: TopicDefinition
  readonly codec: Codec
  /** The names of its wildcards, in order; bare `+` and `#` have none. */
  readonly paramNames: readonly string[]
  /** Types only; there is no such value at run time. */
  readonly '~types': T
  /** Captures a topic name's wildcards as text, before any `params` schema; `undefined` where it does not match. */
  // `Own` is P: a conditional type over P itself would make a contract assignable to no Topic but its own.
  match<Own extends string = P>(topicName: string): TopicParams<NoInfer<Own>> | undefined
  /**
   * The topic name for these parameters.
   *
   * @throws `TopicError` `TOPIC_PARAM_INVALID` for a missing value or one that holds `/`, `+`, `#` or NUL
   */
  build(params: T['params']): string
}

/** A contract of any kind, where only its types matter. */
// oxlint-disable-next-line typescript/no-explicit-any -- the pattern plays no part in T
export type TopicOf<T extends TopicTypes> = Topic<any, T>

type Erased<Definition> = { readonly [K in keyof Definition]: AnySchema }

/**
 * Describes a topic: its pattern, payload, and for a request its answer and errors.
 *
 * @param pattern - a topic filter whose wildcards may have names: `+site`, `#rest`
 * @throws `TopicError` `TOPIC_INVALID` for a pattern MQTT does not allow; the compiler says so first where the pattern is a literal
 * @see MQTT 5.0, section 4.7
 */
export function topic<
  const P extends string,
  const ParamSchemas extends { readonly [K in ParamNames<P>]?: AnySchema } = {},
  Value = unknown,
  Payload extends AnySchema = Schema<Value>,
  Reply extends AnySchema = Schema<void>,
  const Errors extends Erased<Errors> = {},
>(
  pattern: ValidPattern<P>,
  definition: TopicDefinition<ParamSchemas, Payload, Reply, Errors, Value> = {},
): Topic<
  P,
  {
    params: [keyof ParamSchemas] extends [never]
      ? TopicParams<P>
      : {
          readonly [K in keyof TopicParams<P>]: K extends keyof ParamSchemas
            ? ParamSchemas[K] extends AnySchema
              ? SchemaOutput<ParamSchemas[K]>
              : TopicParams<P>[K]
            : TopicParams<P>[K]
        }
    input: SchemaInput<Payload>
    payload: SchemaOutput<Payload>
    replyInput: SchemaInput<Reply>
    reply: SchemaOutput<Reply>
    errors: { readonly [K in keyof Errors]: SchemaOutput<Errors[K]> }
  }
> {
  const levels = parsePattern(pattern)
  return {
    pattern,
    filter: toFilter(levels),
    definition,
    codec: definition.codec ?? json,
    paramNames: levels.flatMap((level) => (level.kind === 'literal' || level.name === '' ? [] : [level.name])),
    match: (topicName: string) => matchPattern(levels, topicName),
    build: (params: Readonly<Record<string, unknown>>) => fillPattern(pattern, levels, params),
    // oxlint-disable-next-line typescript/no-explicit-any -- the value carries no types; the signature does
  } as any
}
