import type { AnySchema } from '../topic/topic.js'
import type { Schema, SchemaInput, SchemaOutput } from '../schema.js'

const mask = '[secret]'

// A registered symbol, so that a mark made by the ESM build is known to the CJS build.
const secretMark = Symbol.for('butlerkit.secret')

/**
 * A value that prints as `[secret]` wherever text is made of it: string concatenation, templates, JSON, `console`, `util.inspect`. A
 * structured clone (a worker's message) is an empty object. Only {@link Secret.reveal} gives it away.
 */
export class Secret<T = string> {
  // A true private field: neither reflection nor inspect sees it, whatever its options.
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  /** The value itself, to be handed to what needs it and to nothing else. */
  reveal(): T {
    return this.#value
  }

  toString(): string {
    return mask
  }

  toJSON(): string {
    return mask
  }

  // Else `+` would go by valueOf and give the object's own text.
  [Symbol.toPrimitive](): string {
    return mask
  }

  // The symbol's registered name, so that nothing of Node is imported: https://nodejs.org/api/util.html#custom-inspection-functions-on-objects
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return mask
  }
}

/** A schema whose result is wrapped: a {@link Secret}, or `undefined` where the schema lets it be missing. */
export type SecretSchema<S extends AnySchema> = Schema<SchemaInput<S>, Wrapped<SchemaOutput<S>>>

type Wrapped<T> = undefined extends T ? Secret<Exclude<T, undefined>> | undefined : Secret<T>

/**
 * Marks what a schema checks as a secret. What is wrong with it is said in `hint`'s words only: a schema's own message may quote the value,
 * whole or in part.
 *
 * @param schema - any Standard Schema
 * @param hint - what the value must be, told when it is not, such as `must be the URL of an incoming webhook`
 */
export function secret<S extends AnySchema>(schema: S, hint = 'not what it must be; a secret, so no more is said'): SecretSchema<S> {
  const standard = schema['~standard']
  const wrap = (result: Awaited<ReturnType<typeof standard.validate>>) => {
    if (result.issues) return { issues: [{ message: hint }] }
    return { value: result.value === undefined ? undefined : new Secret(result.value) }
  }
  const marked: Schema<unknown, unknown> & { readonly [secretMark]: true } = {
    [secretMark]: true,
    '~standard': {
      version: 1,
      vendor: 'butlerkit',
      validate(value) {
        const result = standard.validate(value)
        return result instanceof Promise ? result.then(wrap) : wrap(result)
      },
    },
  }
  return marked as SecretSchema<S>
}

/** Whether {@link secret} made the schema. */
export function isSecret(schema: AnySchema): boolean {
  return secretMark in schema
}
