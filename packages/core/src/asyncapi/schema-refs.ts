import type { JsonSchema } from './json-schema.js'

/**
 * A JSON Schema as a part of a document: its references to itself (`#`, `#/definitions/x`) point below `place`, since in AsyncAPI `#` is the
 * whole document. Without `$schema` and `$id`, which AsyncAPI has no use for.
 *
 * @param place - where it will stand, as a JSON pointer: `#/components/schemas/x`
 */
export function embedSchema({ $schema: _dialect, $id: _id, ...schema }: JsonSchema, place: string): JsonSchema {
  return embedMembers(schema, place)
}

function embedMembers(schema: JsonSchema, place: string): JsonSchema {
  return mapValues(schema, (value, keyword) => {
    if (keyword === '$ref' && typeof value === 'string') return value.startsWith('#') ? place + value.slice(1) : value
    if (dataKeywords.has(keyword)) return value
    if (namingKeywords.has(keyword) && isObject(value)) return mapValues(value, (member) => embed(member, place))
    return embed(value, place)
  })
}

function embed(value: unknown, place: string): unknown {
  if (Array.isArray(value)) return value.map((item) => embed(item, place))
  return isObject(value) ? embedMembers(value, place) : value
}

// What stands here is data, in which $ref is a word like any other.
const dataKeywords = new Set(['const', 'default', 'enum', 'examples'])
// What stands here are schemas under names of the user's own, "const" perhaps.
const namingKeywords = new Set(['$defs', 'definitions', 'dependencies', 'patternProperties', 'properties'])

function mapValues(object: JsonSchema, map: (value: unknown, key: string) => unknown): JsonSchema {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]))
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
