import { z } from 'zod'
import type { QrsClient } from './client.js'
import { NodeType } from './enums.js'
import { optional } from './fields.js'

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
export const aboutWire = z.object({
  buildVersion: z.string(),
  nodeType: optional(z.number()),
  databaseProvider: optional(z.string()),
  sharedPersistence: optional(z.boolean()),
  requiresBootstrap: optional(z.boolean()),
  singleNodeOnly: optional(z.boolean()),
})

/** Asks the repository service who it is. The cheapest request there is, so also the one for health checks. */
export async function getAbout(client: QrsClient, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<About> {
  return toAbout(await client.json({ path: '/qrs/about', signal: options.signal }, aboutWire))
}

/** Our form of what the service says of itself. */
export function toAbout(about: z.output<typeof aboutWire>): About {
  return {
    buildVersion: about.buildVersion,
    isCentral: about.nodeType === NodeType.Central,
    databaseProvider: about.databaseProvider ?? undefined,
    sharedPersistence: about.sharedPersistence ?? undefined,
    requiresBootstrap: about.requiresBootstrap ?? undefined,
    singleNodeOnly: about.singleNodeOnly ?? undefined,
  }
}
