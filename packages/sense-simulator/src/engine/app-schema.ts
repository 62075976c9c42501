import { validate } from '@butlerkit/core'
import * as z from 'zod'
import type { AppContentSeed, ObjectSeed } from './app-seed.js'

const id = z.string().min(1).exactOptional()
const text = z.string().exactOptional()
const titled = { id, title: z.string().min(1), description: text }
const properties = z.record(z.string(), z.unknown()).exactOptional()
const object: z.ZodType<ObjectSeed> = z.lazy(() =>
  z.strictObject({ ...titled, type: text, properties, objects: z.array(object).exactOptional() }),
)
const placedObject = z.strictObject({ ...titled, type: z.string().min(1), properties, objects: z.array(object).exactOptional() })
const bookmarks = z.array(z.strictObject({ ...titled, properties })).exactOptional()
const table = z
  .strictObject({
    name: z.string().min(1),
    fields: z.array(z.string().min(1)).min(1),
    rows: z.array(z.array(z.union([z.string(), z.number()]))),
  })
  .refine(({ fields, rows }) => rows.every((row) => row.length === fields.length), 'each row needs a value for each field')

/** Checks the content of an app. */
export const appContentSchema: z.ZodType<AppContentSeed> = z
  .strictObject({
    script: text,
    tables: z.array(table).exactOptional(),
    sheets: z.array(z.strictObject({ ...titled, objects: z.array(placedObject).exactOptional() })).exactOptional(),
    stories: z.array(object).exactOptional(),
    masterObjects: z.array(object).exactOptional(),
    dimensions: z.array(z.strictObject({ ...titled, fields: z.array(z.string()).min(1) })).exactOptional(),
    measures: z.array(z.strictObject({ ...titled, expression: z.string() })).exactOptional(),
    variables: z.array(z.strictObject({ id, name: z.string().min(1), definition: z.string(), comment: text })).exactOptional(),
    bookmarks,
    snapshots: bookmarks,
    connections: z
      .array(z.strictObject({ id, name: z.string().min(1), type: z.string(), connectionString: z.string(), userName: text }))
      .exactOptional(),
    media: z.array(z.string()).exactOptional(),
    lineage: z.array(z.strictObject({ discriminator: z.string(), statement: z.string() })).exactOptional(),
    expressions: z.record(z.string(), z.union([z.string(), z.number()])).exactOptional(),
  })
  .refine((content) => new Set(idsOf(content)).size === idsOf(content).length, 'two objects have one id')

function idsOf(content: AppContentSeed): readonly string[] {
  const {
    sheets = [],
    stories = [],
    masterObjects = [],
    dimensions = [],
    measures = [],
    variables = [],
    bookmarks: marks = [],
    snapshots = [],
  } = content
  const deep = (objects: readonly ObjectSeed[]): readonly string[] =>
    objects.flatMap((one) => [...(one.id === undefined ? [] : [one.id]), ...deep(one.objects ?? [])])
  const flat = [...dimensions, ...measures, ...variables, ...marks, ...snapshots]
  return [...deep([...sheets, ...stories, ...masterObjects]), ...flat.flatMap((one) => one.id ?? [])]
}

/** @throws `SchemaError` `SCHEMA_MISMATCH` */
export function parseAppContent(value: unknown): AppContentSeed {
  // The schema is synchronous, so `validate` is too.
  return validate(appContentSchema, value, 'app content') as AppContentSeed
}
