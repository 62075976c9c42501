import { isGuid } from '../../guid.js'
import { enums, type EnumName } from '../enums.js'
import type { ScalarKind } from '../entity-type.js'
import { compareValues } from '../order.js'
import type { Literal, Operator } from './parse.js'
import type { ResolvedPath } from './path.js'
import { invalidExpression } from './tokens.js'

type Test = (value: unknown) => boolean

const equality: readonly Operator[] = ['eq', 'ne']
const order: readonly Operator[] = [...equality, 'gt', 'ge', 'lt', 'le']
const textual: readonly Operator[] = [...equality, 'sw', 'ew', 'so']

const scalars: Readonly<Record<ScalarKind, (operator: Operator, literal: Literal) => Test>> = {
  text,
  guid,
  bool,
  int: (operator, literal) => ordered(operator, integer(literal)),
  date: (operator, literal) => ordered(operator, date(literal)),
}

/**
 * Makes the test of one comparison. Which operators and literals a field takes depends on what it holds.
 *
 * @throws {@link Refusal} 400 when the field takes no such operator or literal
 */
export function compileComparison(field: ResolvedPath['field'], operator: Operator, literal: Literal): Test {
  if (typeof field === 'object') return 'enum' in field ? ordered(operator, enumNumber(field.enum, literal)) : text(operator, literal)
  return scalars[field](operator, literal)
}

// Case never matters in text: Qlik's documentation of the filter.
function text(operator: Operator, literal: Literal): Test {
  if (!literal.quoted) throw invalidExpression()
  const wanted = literal.text.toLowerCase()
  const compare = pick<(found: string) => boolean>(textual, operator, {
    eq: (found) => found === wanted,
    ne: (found) => found !== wanted,
    sw: (found) => found.startsWith(wanted),
    ew: (found) => found.endsWith(wanted),
    so: (found) => found.includes(wanted),
  })
  return (value) => compare(String(value).toLowerCase())
}

function guid(operator: Operator, literal: Literal): Test {
  if (literal.quoted || !isGuid(literal.text) || !equality.includes(operator)) throw invalidExpression()
  const wanted = literal.text.toLowerCase()
  return (value) => (value === wanted) === (operator === 'eq')
}

function bool(operator: Operator, literal: Literal): Test {
  const word = literal.text.toLowerCase()
  if (literal.quoted || (word !== 'true' && word !== 'false') || !equality.includes(operator)) throw invalidExpression()
  const wanted = word === 'true'
  return (value) => (value === wanted) === (operator === 'eq')
}

// Dates are compared as text: the wire's form, always UTC with milliseconds, sorts as the time does.
function ordered(operator: Operator, wanted: string | number): Test {
  const compare = pick<(sign: number) => boolean>(order, operator, {
    eq: (sign) => sign === 0,
    ne: (sign) => sign !== 0,
    gt: (sign) => sign > 0,
    ge: (sign) => sign >= 0,
    lt: (sign) => sign < 0,
    le: (sign) => sign <= 0,
  })
  return (value) => compare(compareValues(value as string | number, wanted))
}

function pick<Compare>(allowed: readonly Operator[], operator: Operator, compares: Partial<Record<Operator, Compare>>): Compare {
  const compare = compares[operator]
  if (compare === undefined || !allowed.includes(operator)) throw invalidExpression()
  return compare
}

function integer(literal: Literal): number {
  if (literal.quoted || !/^-?\d+$/.test(literal.text)) throw invalidExpression()
  return Number(literal.text)
}

function enumNumber(name: EnumName, literal: Literal): number {
  if (/^\d+$/.test(literal.text)) return integer(literal)
  const wanted = literal.text.toLowerCase()
  const found = Object.entries(enums[name]).find(([value]) => value.toLowerCase() === wanted)
  if (literal.quoted || found === undefined) throw invalidExpression()
  return found[1]
}

// `2020-03-02T00:00:00.000Z` or `2012-05-09 12:00:00`, which is UTC too.
function date({ quoted, text: written }: Literal): string {
  const found = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)Z?)?$/.exec(written)
  const time = found && new Date(`${found[1]}T${found[2] ?? '00:00:00'}Z`)
  if (!quoted || !time || Number.isNaN(time.getTime())) throw invalidExpression()
  return time.toISOString()
}
