import { z } from 'zod'
import type { QrsClient } from './client.js'
import { createEntities, type EntityDraft, type QrsEntities } from './entities.js'
import { optional, type Named } from './fields.js'
import type { QrsChangeOptions } from './list-options.js'

/** A custom property: what values it may have, and on what. */
export interface CustomPropertyDefinition extends Named {
  readonly description: string
  readonly choiceValues: readonly string[]
  /** `App`, `ReloadTask`, `Stream`, `User` and others. */
  readonly objectTypes: readonly string[]
}

/** A custom property as QRS takes it. */
export interface CustomPropertyDraft extends EntityDraft {
  choiceValues: string[]
  objectTypes: string[]
  description: string
}

/** One item of `GET /qrs/custompropertydefinition/full`. */
export const customPropertyDefinitionWire = z.object({
  id: z.string(),
  name: z.string(),
  description: optional(z.string()),
  choiceValues: optional(z.array(z.string())),
  objectTypes: optional(z.array(z.string())),
})

/** Custom properties. To set one, `update` what it is set on: `draft.customProperties.push({ value, definition })`. */
export interface QrsCustomProperties extends QrsEntities<CustomPropertyDefinition, CustomPropertyDraft> {
  /** Makes one. Sent once. */
  create(
    property: Pick<CustomPropertyDefinition, 'name' | 'choiceValues' | 'objectTypes'> & { readonly description?: string | undefined },
    options?: QrsChangeOptions,
  ): Promise<CustomPropertyDefinition>
}

/** Custom properties, through one client. */
export function createCustomProperties(client: QrsClient): QrsCustomProperties {
  const path = '/qrs/custompropertydefinition'
  return {
    ...createEntities<typeof customPropertyDefinitionWire, CustomPropertyDefinition, CustomPropertyDraft>(client, {
      path: 'custompropertydefinition',
      type: 'CustomPropertyDefinition',
      wire: customPropertyDefinitionWire,
      to: toDefinition,
    }),
    async create({ name, choiceValues, objectTypes, description = '' }, options = {}) {
      const json = { name, valueType: 'Text', choiceValues, objectTypes, description }
      return toDefinition(await client.json({ method: 'POST', path, json, ...options }, customPropertyDefinitionWire))
    },
  }
}

function toDefinition(definition: z.output<typeof customPropertyDefinitionWire>): CustomPropertyDefinition {
  const { id, name, description, choiceValues, objectTypes } = definition
  return { id: id.toLowerCase(), name, description: description ?? '', choiceValues: choiceValues ?? [], objectTypes: objectTypes ?? [] }
}
