import { z } from 'zod'
import type { QrsClient } from '../qrs/client.js'
import { optional } from '../qrs/fields.js'

/** How one engine is. Memory in megabytes. What an old version does not say is `undefined`. */
export interface EngineHealth {
  readonly version: string
  readonly startedAt: Date | undefined
  readonly memory: {
    readonly committed: number
    readonly allocated: number
    readonly free: number
    readonly totalPhysical: number | undefined
  }
  /** Percent of all cores. */
  readonly cpu: number
  readonly sessions: { readonly active: number; readonly total: number }
  readonly users: { readonly active: number; readonly total: number }
  readonly apps: {
    /** GUIDs of apps in which somebody does something now. */
    readonly active: readonly string[]
    /** GUIDs of apps that somebody has open. */
    readonly loaded: readonly string[]
    /** GUIDs of apps in memory, open or not. */
    readonly inMemory: readonly string[] | undefined
    readonly calls: number
    readonly selections: number
  }
  readonly cache: {
    readonly hits: number
    readonly lookups: number
    readonly added: number
    readonly replaced: number
    readonly bytesAdded: number
  }
  /** Whether the engine takes no more work. */
  readonly saturated: boolean | undefined
}

const pair = z.object({ active: z.number(), total: z.number() })

/** `GET /engine/healthcheck`. One old version spells `committed` with one t. */
export const engineHealthWire = z.object({
  version: z.string(),
  started: optional(z.string()),
  mem: z.object({
    committed: optional(z.number()),
    comitted: optional(z.number()),
    allocated: z.number(),
    free: z.number(),
    totalPhysical: optional(z.number()),
  }),
  cpu: z.object({ total: z.number() }),
  session: pair,
  apps: z.object({
    active_docs: optional(z.array(z.string())),
    loaded_docs: optional(z.array(z.string())),
    in_memory_docs: optional(z.array(z.string())),
    calls: z.number(),
    selections: z.number(),
  }),
  users: pair,
  cache: z.object({ hits: z.number(), lookups: z.number(), added: z.number(), replaced: z.number(), bytes_added: z.number() }),
  saturated: optional(z.boolean()),
})

/** Asks one engine how it is. Not tried again: whoever watches asks soon enough. */
export async function getEngineHealth(client: QrsClient, signal?: AbortSignal): Promise<EngineHealth> {
  return toEngineHealth(await client.json({ path: '/engine/healthcheck', signal, retry: false }, engineHealthWire))
}

/** Our form of a health check. */
export function toEngineHealth({ mem, apps, cache, ...health }: z.output<typeof engineHealthWire>): EngineHealth {
  return {
    version: health.version,
    startedAt: parseCompactDate(health.started),
    memory: {
      committed: mem.committed ?? mem.comitted ?? 0,
      allocated: mem.allocated,
      free: mem.free,
      totalPhysical: mem.totalPhysical ?? undefined,
    },
    cpu: health.cpu.total,
    sessions: health.session,
    users: health.users,
    apps: {
      active: apps.active_docs ?? [],
      loaded: apps.loaded_docs ?? [],
      inMemory: apps.in_memory_docs ?? undefined,
      calls: apps.calls,
      selections: apps.selections,
    },
    cache: { hits: cache.hits, lookups: cache.lookups, added: cache.added, replaced: cache.replaced, bytesAdded: cache.bytes_added },
    saturated: health.saturated ?? undefined,
  }
}

/** The engine's `20160314T103522.000+0100`, or ISO 8601 in its usual form; `undefined` for anything else. */
export function parseCompactDate(text: string | null | undefined): Date | undefined {
  if (text === null || text === undefined) return undefined
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\.\d+)?(Z|[+-]\d{4})$/.exec(text)
  const [, year, month, day, hours, minutes, seconds, fraction = '', zone = ''] = match ?? []
  const iso =
    match === null ? text : `${year}-${month}-${day}T${hours}:${minutes}:${seconds}${fraction}${zone.replace(/(\d\d)(\d\d)$/, '$1:$2')}`
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? undefined : date
}
