/** How long a value lives. */
export interface StoreSetOptions {
  /** Milliseconds after which the value is gone. @defaultValue never */
  readonly ttlMs?: number
}

/**
 * A small key-value store: carries deduplication, parked retries and whatever an application keeps. In memory by default; an adapter to a
 * shared store makes several processes agree. Keys and values are text.
 */
export interface Store {
  /** Whether what is stored is there after a restart of the process. */
  readonly outlivesProcess: boolean
  get(key: string): Promise<string | undefined>
  set(key: string, value: string, options?: StoreSetOptions): Promise<void>
  /** Sets the value only where there is none, in one step. @returns whether it did */
  setIfAbsent(key: string, value: string, options?: StoreSetOptions): Promise<boolean>
  /** @returns whether there was a value */
  delete(key: string): Promise<boolean>
}
