import type { TypeName } from '../qrs/entity-type.js'

/** Something that has become of an entity, as QRS numbers it. */
export interface Change {
  /** 1 added, 2 updated, 3 deleted. */
  readonly changeType: 1 | 2 | 3
  readonly type: TypeName
  readonly entity: { readonly id: string }
  /** Names of properties; empty for what was added or deleted. */
  readonly properties: readonly string[]
  /** Milliseconds since 1970. */
  readonly timeMs: number
}

/** What has become of the site's entities, newest last. */
export interface Changes {
  added(type: TypeName, entity: Change['entity']): void
  updated(type: TypeName, entity: Change['entity'], properties: readonly string[]): void
  deleted(type: TypeName, entity: Change['entity']): void
  /** Calls back with each change from now on. */
  listen(listener: (change: Change) => void): void
  /** The newest 10_000 changes. */
  all(): readonly Change[]
}

const kept = 10_000

/** Makes an empty list of changes. */
export function createChanges(now: () => number): Changes {
  let changes: Change[] = []
  const listeners: ((change: Change) => void)[] = []
  const note = (change: Omit<Change, 'timeMs'>) => {
    const whole = { ...change, timeMs: now() }
    changes.push(whole)
    if (changes.length > 2 * kept) changes = changes.slice(-kept)
    for (const listener of listeners) listener(whole)
  }
  return {
    added: (type, entity) => note({ changeType: 1, type, entity, properties: [] }),
    updated: (type, entity, properties) => note({ changeType: 2, type, entity, properties }),
    deleted: (type, entity) => note({ changeType: 3, type, entity, properties: [] }),
    listen: (listener) => void listeners.push(listener),
    all: () => changes.slice(-kept),
  }
}
