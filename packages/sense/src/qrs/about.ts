import { z } from 'zod'
import type { QrsClient } from './client.js'
import { NodeType } from './enums.js'

/** The repository service, as it describes itself. */
export interface About {
  /** Version of the repository service (`38.22.0.0`), not the release's name. */
  readonly buildVersion: string
  /** Whether the node that answered is the central one. */
  readonly isCentral: boolean
  readonly databaseProvider: string | undefined
  readonly sharedPersistence: boolean | undefined
  /** Whether the service still waits for its first set-up. */
  readonly requiresBootstrap: boolean | undefined
  readonly singleNodeOnly: boolean | undefined
}

/** `GET /qrs/about`. */
export const aboutSchema = z
  .object({
    buildVersion: z.string(),
    nodeType: z.number().optional(),
    databaseProvider: z.string().optional(),
    sharedPersistence: z.boolean().optional(),
    requiresBootstrap: z.boolean().optional(),
    singleNodeOnly: z.boolean().optional(),
  })
  .transform(({ buildVersion, nodeType, databaseProvider, sharedPersistence, requiresBootstrap, singleNodeOnly }): About => ({
    buildVersion,
    isCentral: nodeType === NodeType.Central,
    databaseProvider,
    sharedPersistence,
    requiresBootstrap,
    singleNodeOnly,
  }))

/** Asks the repository service who it is. The cheapest request there is, so also the one for health checks. */
export function getAbout(client: QrsClient, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<About> {
  return client.json({ path: '/qrs/about', signal: options.signal }, aboutSchema)
}
