import { isDeepStrictEqual } from 'node:util'

/** One change of a value: JSON Patch (RFC 6902), with the engine's `/` for the whole. */
export interface Patch {
  readonly op: 'add' | 'replace' | 'remove'
  readonly path: string
  readonly value?: unknown
}

/**
 * What leads from one value to another: nothing where they are the same, all of it where there was none before. Lists of another length
 * are replaced whole.
 */
export function diff(before: unknown, after: unknown): readonly Patch[] {
  if (before === undefined) return [{ op: 'add', path: '/', value: after }]
  if (!isObject(before) || !isObject(after)) return isDeepStrictEqual(before, after) ? [] : [{ op: 'add', path: '/', value: after }]
  return [...changes(before, after, '')]
}

type Keyed = Record<string, unknown>

function* changes(before: Keyed, after: Keyed, at: string): Iterable<Patch> {
  for (const key of Object.keys(before)) if (!(key in after)) yield { op: 'remove', path: `${at}/${escape(key)}` }
  for (const [key, value] of Object.entries(after)) {
    const path = `${at}/${escape(key)}`
    const old = before[key]
    if (!(key in before)) yield { op: 'add', path, value }
    else if (isObject(old) && isObject(value)) yield* changes(old, value, path)
    else if (!isDeepStrictEqual(old, value)) yield { op: 'replace', path, value }
  }
}

function isObject(value: unknown): value is Keyed {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function escape(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
