import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Schema } from '../schema.js'
import { topic, type AnySchema } from '../topic/topic.js'
import { asyncapi } from './asyncapi.js'
import { parseDocument } from '../../test/parse-document.js'
import type { JsonSchema, ToJsonSchema } from './json-schema.js'

const info = { title: 'Butler', version: '1' }

/** The document's schema of a payload, and its warnings as text. */
function describePayload(payload: AnySchema, toJsonSchema?: ToJsonSchema): { schema: JsonSchema | undefined; warnings: readonly string[] } {
  const { document, warnings } = asyncapi({ receives: { it: topic('a', { payload }) } }, { ...info, ...(toJsonSchema && { toJsonSchema }) })
  return {
    schema: document.components.schemas['it.payload'],
    warnings: warnings.map(({ contract, part, path, message }) => `${contract} ${part} ${path.join('.')}: ${message}`),
  }
}

function none(type: string): JsonSchema {
  return { description: `${type}: JSON Schema has no such type` }
}

describe('what JSON Schema cannot say', () => {
  it.each<[type: string, schema: AnySchema]>([
    ['bigint', z.bigint()],
    ['custom', z.custom<string>(() => true)],
    ['literal', z.literal(undefined)],
    ['map', z.map(z.string(), z.string())],
    ['nan', z.nan()],
    ['set', z.set(z.string())],
    ['symbol', z.symbol()],
    ['undefined', z.undefined()],
    ['void', z.void()],
    ['function', z.function()],
  ])('accepts anything and is a warning: %s', (type, schema) => {
    expect(describePayload(schema)).toEqual({ schema: none(type), warnings: [`it payload : ${type}: JSON Schema has no such type`] })
    const inside = describePayload(z.object({ list: z.array(schema as z.ZodType) }))
    expect(inside.schema).toMatchObject({ properties: { list: { type: 'array', items: none(type) } } })
    expect(inside.warnings).toEqual([`it payload properties.list.items: ${type}: JSON Schema has no such type`])
  })

  it('is no warning where the schema itself says what travels', () => {
    const { schema, warnings } = describePayload(z.object({ n: z.bigint().meta({ type: 'string', pattern: '^\\d+$' }) }))
    expect(schema).toMatchObject({ properties: { n: { type: 'string', pattern: '^\\d+$' } } })
    expect(warnings).toEqual([])
  })

  it('keeps its own description', () => {
    const { schema, warnings } = describePayload(z.bigint().describe('how many'))
    expect(schema).toEqual({ description: 'how many' })
    expect(warnings).toHaveLength(1)
  })

  it('is told of every part of a contract', () => {
    const contract = topic('a/+n', { params: { n: z.bigint() }, reply: z.bigint(), errors: { NO: z.object({ n: z.bigint() }) } })
    const { warnings } = asyncapi({ sends: { it: contract } }, info)
    expect(warnings.map(({ part, path }) => [part, ...path])).toEqual([['params.n'], ['errors.NO', 'properties', 'n'], ['reply']])
  })
})

describe('what JSON Schema can say', () => {
  it.each<[what: string, schema: AnySchema, described: JsonSchema]>([
    ['a date', z.date(), { type: 'string', format: 'date-time' }],
    ['a coerced date', z.coerce.date(), { type: 'string', format: 'date-time' }],
    [
      'an optional date',
      z.object({ at: z.date().optional() }),
      { type: 'object', properties: { at: { type: 'string', format: 'date-time' } } },
    ],
    ['anything', z.unknown(), {}],
    ['nothing', z.never(), { not: {} }],
    ['a text', z.string().max(3), { type: 'string', maxLength: 3 }],
  ])('is said without a warning: %s', (_what, schema, described) => {
    expect(describePayload(schema)).toEqual({ schema: described, warnings: [] })
  })

  it('points to itself at its place in the document', async () => {
    const tree = z.object({
      name: z.string(),
      get kids() {
        return z.array(tree)
      },
    })
    expect(describePayload(tree).schema).toMatchObject({ properties: { kids: { items: { $ref: '#/components/schemas/it.payload' } } } })
    const named = z.object({ left: z.string().meta({ id: 'Name' }), tree })
    expect(describePayload(named).schema).toMatchObject({
      properties: { left: { $ref: '#/components/schemas/it.payload/definitions/Name' } },
      definitions: { Name: { type: 'string' } },
    })
    const { document } = asyncapi({ receives: { it: topic('a', { payload: tree }), other: topic('b', { payload: named }) } }, info)
    expect((await parseDocument(document)).problems).toEqual([])
  })

  it('is kept as it is where words of JSON Schema are names or data', () => {
    const source = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: 'https://example.com/a',
      properties: { $ref: { type: 'string' }, const: { $ref: '#/definitions/a' }, enum: { items: [{ $ref: '#' }] } },
      definitions: { a: { const: { $ref: '#/data' } }, default: { $ref: 'https://example.com/b' } },
      default: { $ref: '#/data' },
    }
    expect(describePayload(z.string(), () => source).schema).toEqual({
      properties: {
        $ref: { type: 'string' },
        const: { $ref: '#/components/schemas/it.payload/definitions/a' },
        enum: { items: [{ $ref: '#/components/schemas/it.payload' }] },
      },
      definitions: { a: { const: { $ref: '#/data' } }, default: { $ref: 'https://example.com/b' } },
      default: { $ref: '#/data' },
    })
  })
})

describe('any other Standard Schema', () => {
  function schemaOf(jsonSchema?: unknown): Schema {
    return { '~standard': { version: 1, vendor: 'other', validate: (value) => ({ value }), ...(jsonSchema ? { jsonSchema } : {}) } }
  }

  it('says it itself, in draft 7', () => {
    const asked: unknown[] = []
    const input = (options: unknown) => {
      asked.push(options)
      return { type: 'boolean' }
    }
    expect(describePayload(schemaOf({ input }))).toEqual({ schema: { type: 'boolean' }, warnings: [] })
    expect(asked).toEqual([{ target: 'draft-07' }])
  })

  it('is a warning where it cannot, or throws', () => {
    const message = 'other gives no JSON Schema: hand in toJsonSchema'
    expect(describePayload(schemaOf())).toEqual({ schema: { description: message }, warnings: [`it payload : ${message}`] })
    const input = () => {
      throw new Error('Date is not supported')
    }
    expect(describePayload(schemaOf({ input })).warnings).toEqual(['it payload : Date is not supported'])
  })

  it('is said by toJsonSchema where that knows it', () => {
    const known = schemaOf()
    const toJsonSchema: ToJsonSchema = (schema) => (schema === known ? { type: 'null' } : undefined)
    expect(describePayload(known, toJsonSchema)).toEqual({ schema: { type: 'null' }, warnings: [] })
    expect(describePayload(z.boolean(), toJsonSchema).schema).toEqual({ type: 'boolean' })
  })
})
