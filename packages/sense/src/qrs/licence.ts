import { z } from 'zod'
import type { QrsClient } from './client.js'
import { optional } from './fields.js'
import type { QrsCallOptions } from './list-options.js'

/** How many of one kind of access are in use. */
export interface AccessUse {
  readonly allocated: number | undefined
  readonly used: number | undefined
  readonly quarantined: number | undefined
  readonly total: number | undefined
  readonly available: number | undefined
}

/** The site's licence, as far as the repository tells. Key and serial number are left out. */
export interface Licence {
  readonly name: string | undefined
  readonly organization: string | undefined
  readonly product: string | undefined
  readonly isExpired: boolean | undefined
  /** `undefined` on sites licensed in another way. */
  readonly professional: AccessUse | undefined
  /** `undefined` on sites licensed in another way. */
  readonly analyzer: AccessUse | undefined
}

const number = optional(z.number())
const accessWire = optional(z.object({ allocated: number, used: number, quarantined: number, total: number, available: number }))

/** `GET /qrs/license`; null where none is set. */
export const licenceWire = optional(
  z.object({
    name: optional(z.string()),
    organization: optional(z.string()),
    product: optional(z.string()),
    isExpired: optional(z.boolean()),
  }),
)

/** `GET /qrs/license/accesstypeoverview`. */
export const accessOverviewWire = optional(z.object({ professionalAccess: accessWire, analyzerAccess: accessWire }))

/** Asks for the licence and its use. */
export async function getLicence(client: QrsClient, { signal }: QrsCallOptions = {}): Promise<Licence> {
  const [licence, use] = await Promise.all([
    client.json({ path: '/qrs/license', signal }, licenceWire),
    client.json({ path: '/qrs/license/accesstypeoverview', signal }, accessOverviewWire),
  ])
  return {
    name: licence?.name ?? undefined,
    organization: licence?.organization ?? undefined,
    product: licence?.product ?? undefined,
    isExpired: licence?.isExpired ?? undefined,
    professional: toUse(use?.professionalAccess),
    analyzer: toUse(use?.analyzerAccess),
  }
}

function toUse(access: z.output<typeof accessWire>): AccessUse | undefined {
  if (!access) return undefined
  return {
    allocated: access.allocated ?? undefined,
    used: access.used ?? undefined,
    quarantined: access.quarantined ?? undefined,
    total: access.total ?? undefined,
    available: access.available ?? undefined,
  }
}
