import type { QrsFilter } from './filter.js'

/** Which entities to list. */
export interface QrsListOptions {
  /** Written with `q`. @defaultValue everything the user may see */
  readonly filter?: QrsFilter | undefined
  /** Gives up; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}
