import { z } from 'zod'
import {
  customPropertySchema,
  namedSchema,
  optional,
  toCustomProperty,
  toDate,
  toNamed,
  type CustomProperty,
  type Named,
} from './fields.js'

/** What apps, streams and tasks have in common. */
export interface EntityFields extends Named {
  readonly tags: readonly Named[]
  readonly customProperties: readonly CustomProperty[]
  readonly createdDate: Date | undefined
  readonly modifiedDate: Date | undefined
}

/** The fields of {@link EntityFields} on the wire. */
export const entityFieldsWire = {
  id: z.string(),
  name: z.string(),
  tags: optional(z.array(namedSchema)),
  customProperties: optional(z.array(customPropertySchema)),
  createdDate: optional(z.string()),
  modifiedDate: optional(z.string()),
}

/**
 * Our form of what entities have in common, for `Object.assign` to add the rest to: Node 20 takes up to 7 µs for an object literal that begins
 * with a spread, which for a hundred tasks is more than their request.
 */
export function toEntityFields(entity: z.output<z.ZodObject<typeof entityFieldsWire>>): EntityFields {
  return {
    id: entity.id.toLowerCase(),
    name: entity.name,
    tags: entity.tags?.map(toNamed) ?? [],
    customProperties: entity.customProperties?.map(toCustomProperty) ?? [],
    createdDate: toDate(entity.createdDate),
    modifiedDate: toDate(entity.modifiedDate),
  }
}
