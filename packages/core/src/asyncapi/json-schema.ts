import { messageOf } from '../errors.js'
import type { AnySchema } from '../topic/topic.js'

/** A JSON Schema, draft 7: what AsyncAPI's own schema object is made of. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Turns a schema into the JSON Schema (draft 7) of what it takes; `undefined` for one it does not know. */
export type ToJsonSchema = (schema: AnySchema) => JsonSchema | undefined

/** Something JSON Schema cannot say. */
export interface SchemaGap {
  /** Where in the JSON Schema, from the outside in; empty for all of it. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

/**
 * The JSON Schema of what a schema takes, which is what travels: a publisher's payload and a handler's reply are checked, then encoded as
 * they are. From `toJsonSchema` where it knows the schema, else from the schema's own `~standard.jsonSchema` (zod from 4.2 on, arktype).
 * Never throws: what cannot be said becomes `{}` with a description, and is told to `gap`.
 *
 * @see https://standardschema.dev/json-schema
 */
export function describeSchema(schema: AnySchema, toJsonSchema: ToJsonSchema | undefined, gap: (gap: SchemaGap) => void): JsonSchema {
  const { vendor, jsonSchema } = schema['~standard'] as AnySchema['~standard'] & { readonly jsonSchema?: StandardJsonSchema }
  const gaps = new Map<string, SchemaGap>()
  try {
    const described =
      toJsonSchema?.(schema) ?? jsonSchema?.input({ target: 'draft-07', ...(vendor === 'zod' && { libraryOptions: zodOptions(gaps) }) })
    for (const each of gaps.values()) gap(each)
    return described ?? nothingKnown(`${vendor} gives no JSON Schema: hand in toJsonSchema`)
  } catch (error) {
    return nothingKnown(messageOf(error))
  }

  function nothingKnown(message: string): JsonSchema {
    gap({ path: [], message })
    return { description: message }
  }
}

interface StandardJsonSchema {
  input(options: { readonly target: 'draft-07'; readonly libraryOptions?: Record<string, unknown> }): JsonSchema | undefined
}

interface ZodOverride {
  readonly zodSchema: { readonly def: { readonly type: string } }
  readonly jsonSchema: Record<string, unknown>
  readonly path: readonly (string | number)[]
}

// z.toJSONSchema throws on what it cannot say, or else says nothing of it: https://github.com/colinhacks/zod/issues/4508
function zodOptions(gaps: Map<string, SchemaGap>): Record<string, unknown> {
  return {
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema, path }: ZodOverride) {
      const { type } = zodSchema.def
      const place = path.join('/')
      if (assertions.some((keyword) => keyword in jsonSchema)) {
        // Somebody said what travels, z.bigint().meta({ type: 'string' }): zod asks for the schema without its meta first.
        gaps.delete(place)
      } else if (type === 'date') {
        Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
      } else if (zodGaps.has(type)) {
        const message = `${type}: JSON Schema has no such type`
        jsonSchema['description'] ??= message
        gaps.set(place, { path, message })
      }
    },
  }
}

const zodGaps = new Set(['bigint', 'custom', 'function', 'literal', 'map', 'nan', 'set', 'symbol', 'transform', 'undefined', 'void'])
const assertions = ['type', '$ref', 'enum', 'const', 'not', 'allOf', 'anyOf', 'oneOf']
