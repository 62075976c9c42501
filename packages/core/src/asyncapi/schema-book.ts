import type { AnySchema } from '../topic/topic.js'
import type { Reference } from './document.js'
import { describeSchema, type JsonSchema, type SchemaGap, type ToJsonSchema } from './json-schema.js'
import { toKey, uniqueKey } from './keys.js'
import { embedSchema } from './schema-refs.js'

/** The document's schemas, `#/components/schemas`. */
export interface SchemaBook {
  /** Adds a schema under a name, or one like it where that is taken; what cannot be said of it goes to `gap`. */
  add(name: string, schema: AnySchema, gap: (gap: SchemaGap) => void): AddedSchema
  all(): Readonly<Record<string, JsonSchema>>
}

/** A schema of the book, and where it stands. */
export interface AddedSchema {
  readonly schema: JsonSchema
  readonly reference: Reference
}

/** Adds one part of a contract to the book: `payload`, `errors.NOT_FOUND`. */
export type AddPart = (part: string, schema: AnySchema) => AddedSchema

export function createSchemaBook(toJsonSchema: ToJsonSchema | undefined): SchemaBook {
  const schemas = new Map<string, JsonSchema>()
  const keys = new Set<string>()
  return {
    add(name, source, gap) {
      const key = uniqueKey(keys, toKey(name))
      const reference = { $ref: `#/components/schemas/${key}` }
      const schema = embedSchema(describeSchema(source, toJsonSchema, gap), reference.$ref)
      schemas.set(key, schema)
      return { schema, reference }
    },
    all: () => Object.fromEntries(schemas),
  }
}
