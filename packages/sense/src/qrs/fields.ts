import { z } from 'zod'
import { emptyGuid } from './guid.js'

// Schemas here and in the resources only look; one function an entity turns what they let through into what users get. With transforms in
// the schemas, reading 100 apps takes five times as long.

/** A field that older versions leave out or that may be null. */
export function optional<S extends z.ZodType>(field: S): z.ZodOptional<z.ZodNullable<S>> {
  return field.nullish()
}

/** Id and name of another entity. */
export interface Named {
  readonly id: string
  readonly name: string
}

/** A tag, stream or app as other entities show it. */
export const namedSchema = z.object({ id: z.string(), name: z.string() })

/** A custom property of an entity, flattened to name and value; a property with several values comes several times. */
export interface CustomProperty {
  readonly name: string
  readonly value: string
}

/** One value of one custom property. */
export const customPropertySchema = z.object({ value: z.string(), definition: z.object({ name: z.string() }) })

/** A scalar in its box; the specification declares it without, so both are taken. */
export const boxedText = z.union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value)])

/** A number in its box. */
export const boxedNumber = z.union([z.number(), z.object({ value: z.number() }).transform(({ value }) => value)])

/** A GUID in its box, or `undefined` for the empty one. */
export const boxedReference = boxedText.pipe(z.guid()).transform(toReference)

/** Name and value out of what QRS sends. */
export function toCustomProperty({ value, definition }: z.output<typeof customPropertySchema>): CustomProperty {
  return { name: definition.name, value }
}

/** A GUID in lower case, or `undefined` for the empty one. */
export function toReference(guid: string | null | undefined): string | undefined {
  return guid === null || guid === undefined || guid === emptyGuid ? undefined : guid.toLowerCase()
}

/** A date, or `undefined` for none, QRS's "never" (1753-01-01), and text that is no date. */
export function toDate(text: string | null | undefined): Date | undefined {
  if (text === null || text === undefined || text.startsWith('1753-01-01')) return undefined
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? undefined : date
}
