import type { Clock } from '@butlerkit/core'
import { engineVersion } from './global-methods.js'
import type { SessionState } from './session.js'

/** `GET /engine/healthcheck`. Memory in MB. */
export interface Healthcheck {
  readonly version: string
  /** Compact ISO 8601 with offset: `20160314T103522.000+0100`. */
  readonly started: string
  readonly mem: { readonly committed: number; readonly allocated: number; readonly free: number; readonly totalPhysical: number }
  readonly cpu: { readonly total: number }
  readonly session: { readonly active: number; readonly total: number }
  readonly apps: {
    readonly active_docs: readonly string[]
    readonly loaded_docs: readonly string[]
    readonly in_memory_docs: readonly string[]
    readonly calls: number
    readonly selections: number
  }
  readonly users: { readonly active: number; readonly total: number }
  readonly cache: {
    readonly hits: number
    readonly lookups: number
    readonly added: number
    readonly replaced: number
    readonly bytes_added: number
  }
  readonly saturated: boolean
}

/** A session and whether a client is connected to it. */
export interface SessionCensus {
  readonly state: SessionState
  readonly connected: boolean
}

/** Makes the engine's account of itself: sessions, users and apps are those there are, memory and cache are constant. */
export function createHealthcheck(clock: Clock, census: () => readonly SessionCensus[]): () => Healthcheck {
  const started = `${new Date(clock.now()).toISOString().replaceAll(/[-:]|Z$/g, '')}+0000`
  return () => {
    const all = census()
    const active = all.filter(({ connected }) => connected)
    const appsOf = (sessions: readonly SessionCensus[]) => [...new Set(sessions.flatMap(({ state }) => state.app?.model.record.id ?? []))]
    const usersOf = (sessions: readonly SessionCensus[]) => new Set(sessions.map(({ state }) => state.user)).size
    return {
      version: engineVersion,
      started,
      mem: { committed: 611.9, allocated: 1_103.3, free: 13_842.5, totalPhysical: 16_383.5 },
      cpu: { total: 3 },
      session: { active: active.length, total: all.length },
      apps: { active_docs: appsOf(active), loaded_docs: appsOf(all), in_memory_docs: appsOf(all), calls: 0, selections: 0 },
      users: { active: usersOf(active), total: usersOf(all) },
      cache: { hits: 0, lookups: 0, added: 0, replaced: 0, bytes_added: 0 },
      saturated: false,
    }
  }
}
