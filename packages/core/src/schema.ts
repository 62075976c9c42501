import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ButlerError } from './errors.js'

/** Any Standard Schema: zod 4, valibot, arktype and others. @see https://standardschema.dev */
export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>

/** What a schema takes. */
export type SchemaInput<S extends StandardSchemaV1> = NonNullable<S['~standard']['types']>['input']

/** What a schema gives. Read by index: an `infer` costs a quarter more of the compiler's time. */
export type SchemaOutput<S extends StandardSchemaV1> = NonNullable<S['~standard']['types']>['output']

/** One thing wrong with a value: where, as keys from the outside in, and what. */
export interface SchemaIssue {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** A value did not fit its schema. The value itself is not kept: it may hold a secret. */
export class SchemaError extends ButlerError<'SCHEMA_MISMATCH'> {
  override readonly name = 'SchemaError'
  readonly issues: readonly SchemaIssue[]

  /** @param subject - what was checked, as the sentence's subject: `payload of qliksense/start_task` */
  constructor(subject: string, issues: readonly SchemaIssue[]) {
    super('SCHEMA_MISMATCH', `${subject} does not fit: ${issues.map(formatIssue).join('; ')}`)
    this.issues = issues
  }
}

/**
 * Checks a value with any Standard Schema. Returns at once for a synchronous schema, so that the common case costs no promise.
 *
 * @param subject - what is checked, for the error; a function where the words are only wanted then
 * @throws {@link SchemaError} `SCHEMA_MISMATCH` naming `subject` and every issue
 */
export function validate<S extends StandardSchemaV1>(
  schema: S,
  value: unknown,
  subject: string | (() => string),
): SchemaOutput<S> | Promise<SchemaOutput<S>> {
  const result = schema['~standard'].validate(value)
  return result instanceof Promise ? result.then((settled) => unwrap(settled, subject)) : unwrap(result, subject)
}

function unwrap(result: StandardSchemaV1.Result<unknown>, subject: string | (() => string)): unknown {
  if (result.issues === undefined) return result.value
  throw new SchemaError(
    typeof subject === 'string' ? subject : subject(),
    result.issues.map(({ message, path = [] }) => ({ message, path: path.map(toKey) })),
  )
}

function toKey(segment: PropertyKey | StandardSchemaV1.PathSegment): string | number {
  const key = typeof segment === 'object' ? segment.key : segment
  return typeof key === 'symbol' ? String(key) : key
}

function formatIssue({ path, message }: SchemaIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}
