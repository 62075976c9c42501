import type { WireEntity, WirePrivileges } from './entity.js'

/** A custom property, as its values and `GET /custompropertydefinition` show it. */
export interface WireCustomPropertyDefinitionCondensed extends WirePrivileges {
  readonly id: string
  readonly name: string
  readonly valueType: string
  readonly choiceValues: readonly string[]
}

/** A custom property: `GET /custompropertydefinition/full`. */
export interface WireCustomPropertyDefinition extends WireEntity, WireCustomPropertyDefinitionCondensed {
  /** What it may be set on: `App`, `ReloadTask`, `Stream`, `User` and others. */
  readonly objectTypes: readonly string[]
  readonly description: string
}

/** One value of one custom property of an entity. */
export interface WireCustomPropertyValue extends WireEntity {
  readonly value: string
  readonly definition: WireCustomPropertyDefinitionCondensed
}
