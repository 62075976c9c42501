import { z } from 'zod'
import { emptyGuid } from './guid.js'

/** A date, or `undefined` for QRS's "never", 1753-01-01. */
export const date = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === undefined || value.startsWith('1753-01-01') ? undefined : toDate(value)))

/** A GUID in lower case, or `undefined` for the empty one. */
export const reference = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === undefined || value === emptyGuid ? undefined : value.toLowerCase()))

/** An entity's own id: a GUID in lower case. */
export const id = z.guid().transform((value) => value.toLowerCase())

/** Text that older versions leave out. */
export const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? '')

/** A tag, stream, app or user as other entities show it. */
export const named = z.object({ id, name: z.string() })

/** Id and name of another entity. */
export interface Named {
  readonly id: string
  readonly name: string
}

/** A field that may be missing or null. */
export function maybe<S extends z.ZodType>(field: S): z.ZodType<z.output<S> | undefined, z.input<S> | null | undefined> {
  return field.nullish().transform((value) => value ?? undefined)
}

/** A list that may be missing or null. */
export function list<S extends z.ZodType>(item: S): z.ZodType<z.output<S>[], z.input<S>[] | null | undefined> {
  return z
    .array(item)
    .nullish()
    .transform((value) => value ?? [])
}

/** A custom property of an entity, flattened to name and value; a property with several values comes several times. */
export interface CustomProperty {
  readonly name: string
  readonly value: string
}

/** One value of one custom property. */
export const customProperty = z
  .object({ value: z.string(), definition: z.object({ name: z.string() }) })
  .transform(({ value, definition }): CustomProperty => ({ name: definition.name, value }))

/** A scalar in its box; the specification declares it without, so both are taken. */
export const boxedText = z.union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value)])

/** A GUID in its box, or `undefined` for the empty one. */
export const boxedReference = boxedText.pipe(id).transform((value) => (value === emptyGuid ? undefined : value))

function toDate(value: string): Date | undefined {
  const parsed = new Date(value)
  return Number.isNaN(parsed.getTime()) ? undefined : parsed
}
