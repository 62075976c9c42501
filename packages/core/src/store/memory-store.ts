import { systemClock, type Clock } from '../clock.js'
import type { Store, StoreSetOptions } from './store.js'

/** Bounds of a memory store. */
export interface MemoryStoreOptions {
  /** Most entries kept; beyond it the one set longest ago goes. 1 or more. @defaultValue 100_000 */
  readonly maxEntries?: number
  readonly clock?: Clock
}

/** A store in the process: gone when the process ends, not seen by others. */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const { maxEntries = 100_000, clock = systemClock } = options
  const entries = new Map<string, { readonly value: string; readonly expiresAt: number }>()

  return {
    outlivesProcess: false,
    async get(key) {
      return live(key)?.value
    },
    async set(key, value, setOptions) {
      put(key, value, setOptions)
    },
    async setIfAbsent(key, value, setOptions) {
      if (live(key)) return false
      put(key, value, setOptions)
      return true
    },
    async delete(key) {
      const existed = live(key) !== undefined
      entries.delete(key)
      return existed
    },
  }

  function live(key: string) {
    const entry = entries.get(key)
    if (entry === undefined || entry.expiresAt > clock.now()) return entry
    entries.delete(key)
    return undefined
  }

  function put(key: string, value: string, { ttlMs = Number.POSITIVE_INFINITY }: StoreSetOptions = {}): void {
    entries.delete(key) // A Map keeps insertion order: set again, it is the youngest.
    if (entries.size >= maxEntries) makeRoom()
    entries.set(key, { value, expiresAt: clock.now() + ttlMs })
  }

  function makeRoom(): void {
    const now = clock.now()
    for (const [key, { expiresAt }] of entries) if (expiresAt <= now) entries.delete(key)
    for (const key of entries.keys()) {
      if (entries.size < maxEntries) return
      entries.delete(key)
    }
  }
}
