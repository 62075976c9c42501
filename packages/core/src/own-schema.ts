import type { Schema, SchemaIssue } from './schema.js'

/**
 * A schema written by hand, for the core's own payloads: a schema library would cost every butler its import.
 *
 * @param jsonSchema - the same in JSON Schema, for documents; true of every target alike
 * @param fault - what is wrong with a value, if anything
 * @see https://standardschema.dev/json-schema
 */
export function ownSchema<T>(jsonSchema: Readonly<Record<string, unknown>>, fault: (value: unknown) => SchemaIssue | undefined): Schema<T> {
  const describe = () => ({ ...jsonSchema })
  const standard: Schema<T>['~standard'] & { readonly jsonSchema: Record<'input' | 'output', () => Record<string, unknown>> } = {
    version: 1,
    vendor: 'butlerkit',
    validate(value) {
      const issue = fault(value)
      return issue ? { issues: [issue] } : { value: value as T }
    },
    jsonSchema: { input: describe, output: describe },
  }
  return { '~standard': standard }
}
