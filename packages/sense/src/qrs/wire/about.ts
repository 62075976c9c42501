import type { NodeType } from '../enums.js'

/** `GET /about`. */
export interface WireAbout {
  readonly schemaPath: string
  /** Version of the repository service, not of the product. */
  readonly buildVersion: string
  /** The same constant in every version seen since 2016. */
  readonly buildDate: string
  readonly databaseProvider: string
  readonly nodeType: NodeType
  readonly sharedPersistence: boolean
  readonly requiresBootstrap: boolean
  readonly singleNodeOnly: boolean
}
