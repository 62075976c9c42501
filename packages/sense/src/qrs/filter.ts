import { FilterError } from '../errors.js'
import { isGuid } from './guid.js'

/** A value that {@link q} writes into a filter. */
export type FilterValue = string | number | boolean | Date | FilterLiteral | QrsFilter

/** A filter made by {@link q}: text that QRS parses as one expression, whatever the values were. */
export interface QrsFilter {
  readonly kind: 'filter'
  /** In QRS's grammar, not yet URL-encoded: `name eq 'Q1\'25'`. */
  readonly text: string
}

/** A value whose kind `q.guid` or `q.text` has settled. */
export interface FilterLiteral {
  readonly kind: 'literal'
  readonly text: string
}

// Only what was made here is trusted: JSON cannot hold a symbol, so a look-alike from a payload is refused. `Symbol.for`, so that the ESM
// and the CJS build take each other's.
const made = Symbol.for('@butlerkit/sense filter')

/** Writes filters; see {@link q}. */
export interface FilterTag {
  (strings: TemplateStringsArray, ...values: readonly FilterValue[]): QrsFilter
  /**
   * An id, checked to be one.
   *
   * @throws {@link FilterError} `QRS_FILTER` when it is not a GUID
   */
  guid(value: string): FilterLiteral
  /** Text that is quoted even where it looks like a GUID: for names and the like. */
  text(value: string): FilterLiteral
  /**
   * All of several filters, each in parentheses.
   *
   * @throws {@link FilterError} `QRS_FILTER` for none: QRS has no filter that matches everything or nothing
   */
  and(...filters: readonly QrsFilter[]): QrsFilter
  /** Any of several filters, each in parentheses; how a set is written, as QRS has no `in`. @throws as {@link FilterTag.and} */
  or(...filters: readonly QrsFilter[]): QrsFilter
}

/**
 * A QRS filter that cannot be injected into. Values stand after an operator and are escaped; a nested filter stands where a condition may
 * and gets parentheses.
 *
 * | Value | Written as |
 * |---|---|
 * | string | `'text'`, with `\` and `'` escaped by a backslash |
 * | string that is a GUID | bare, as QRS wants ids; `q.text` forces quotes, `q.guid` refuses anything else |
 * | finite number, boolean | bare |
 * | Date | `'2026-01-05T08:00:00.000Z'` |
 *
 * QRS has neither `in` nor `not` nor a filter that matches nothing: join a set with `or`, and ask nothing for an empty one.
 *
 * @example q`name eq ${name} and (stream.name eq ${stream} or published eq ${false})`
 * @throws {@link FilterError} `QRS_FILTER` for a value of another kind (arrays, null), a value that is not after an operator or inside
 *   quotes, and for an empty filter
 * @see Qlik Sense Repository Service API: Filtering. A doubled quote is answered with 400 by a live QRS; the backslash is right.
 */
export const q: FilterTag = Object.assign(writeFilter, {
  guid(value: string): FilterLiteral {
    if (!isGuid(value)) throw new FilterError('the value is not a GUID')
    return brand({ kind: 'literal', text: value })
  },
  text: (value: string): FilterLiteral => brand({ kind: 'literal', text: quote(value) }),
  and: (...filters: readonly QrsFilter[]): QrsFilter => join(filters, ' and '),
  or: (...filters: readonly QrsFilter[]): QrsFilter => join(filters, ' or '),
})

/**
 * A filter's text, for a request.
 *
 * @throws {@link FilterError} `QRS_FILTER` for anything that {@link q} has not made
 */
export function filterText(filter: QrsFilter): string {
  if (isMade(filter) && filter.kind === 'filter') return filter.text
  throw new FilterError('a filter is written with the q`…` tag, never as plain text')
}

function join(filters: readonly QrsFilter[], operator: string): QrsFilter {
  const [only, ...others] = filters
  if (only === undefined) throw new FilterError('there is nothing to join; skip the call for an empty set')
  if (others.length === 0) return brand({ kind: 'filter', text: filterText(only) })
  return brand({ kind: 'filter', text: filters.map((filter) => `(${filterText(filter)})`).join(operator) })
}

function writeFilter(strings: TemplateStringsArray, ...values: readonly FilterValue[]): QrsFilter {
  // Raw, so that a `\'` typed in the template reaches QRS as it was typed.
  const [first = '', ...rest] = strings.raw
  let written = first
  for (const [index, following] of rest.entries()) written += write(values[index], written) + following
  if (written.trim() === '') throw new FilterError('a filter cannot be empty; leave it out to match everything')
  if (endsInQuotes(written)) throw new FilterError(`a quote is left open in the filter ${shown(written)}`)
  return brand({ kind: 'filter', text: written })
}

function write(value: unknown, before: string): string {
  if (endsInQuotes(before)) throw new FilterError(`write no quotes around a value; found after ${shown(before)}`)
  const isOperand = /\b(?:eq|ne|gt|ge|lt|le|sw|ew|so)\s*$/i.test(before)
  if (isMade(value) && value.kind === 'filter') {
    if (isOperand) throw new FilterError(`a filter cannot be the value of an operator; found after ${shown(before)}`)
    return `(${value.text})`
  }
  if (!isOperand) throw new FilterError(`a value can only follow an operator; found after ${shown(before)}`)
  return literal(value)
}

function literal(value: unknown): string {
  if (isMade(value)) return value.text
  if (typeof value === 'string') return isGuid(value) ? value : quote(value)
  if (typeof value === 'boolean') return String(value)
  // An exponent (1e21) is not in QRS's grammar.
  if (typeof value === 'number' && /^-?\d+(?:\.\d+)?$/.test(String(value))) return String(value)
  if (value instanceof Date && !Number.isNaN(value.getTime())) return quote(value.toISOString())
  throw new FilterError(`${describe(value)} cannot be a filter's value`)
}

function quote(value: string): string {
  try {
    encodeURIComponent(value)
  } catch (cause) {
    throw new FilterError('text with half a surrogate pair cannot be sent to QRS', { cause })
  }
  return `'${value.replace(/[\\']/g, '\\$&')}'`
}

function endsInQuotes(written: string): boolean {
  let inside = false
  for (let index = 0; index < written.length; index++) {
    if (inside && written[index] === '\\') index++
    else if (written[index] === "'") inside = !inside
  }
  return inside
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array (QRS has no "in": join conditions with "or", and skip the call for an empty set)'
  if (value instanceof Date) return 'an invalid date'
  if (value === null) return 'null'
  if (typeof value === 'number') return 'a number that is not finite or needs an exponent'
  return typeof value === 'object' ? 'an object' : typeof value
}

/** What the author wrote up to here, in JSON's quotes: short, and on one line. */
function shown(before: string): string {
  return JSON.stringify(before.slice(-40))
}

function brand<T extends QrsFilter | FilterLiteral>(value: T): T {
  return Object.freeze(Object.defineProperty(value, made, { value: true }))
}

function isMade(value: unknown): value is QrsFilter | FilterLiteral {
  return typeof value === 'object' && value !== null && made in value
}
