import { parsePattern } from '../topic/pattern.js'
import { toKey, uniqueKey } from './keys.js'

/** A topic pattern as AsyncAPI writes it. */
export interface Address {
  /** `qliksense/{site}/start_task`. */
  readonly text: string
  /** Its wildcards, in order. */
  readonly wildcards: readonly AddressWildcard[]
  /** Whether a level holds braces, which AsyncAPI takes for a parameter's and are percent-encoded here. */
  readonly encoded: boolean
}

/** A wildcard under the name it has in the address. */
export interface AddressWildcard {
  readonly key: string
  /** Its name in the pattern; empty for a bare `+` or `#`. */
  readonly name: string
  readonly kind: 'one' | 'rest'
}

/** Writes a pattern's wildcards in braces, `+site` as `{site}`; a bare one is named by its place, `{level2}`. */
export function toAddress(pattern: string): Address {
  const wildcards: AddressWildcard[] = []
  const keys = new Set<string>()
  let encoded = false
  const levels = parsePattern(pattern).map((level, index) => {
    if (level.kind === 'literal') {
      if (!/[{}]/.test(level.text)) return level.text
      encoded = true
      return level.text.replaceAll('{', '%7B').replaceAll('}', '%7D')
    }
    const key = uniqueKey(keys, toKey(level.name === '' ? `level${index + 1}` : level.name))
    wildcards.push({ key, name: level.name, kind: level.kind })
    return `{${key}}`
  })
  return { text: levels.join('/'), wildcards, encoded }
}
