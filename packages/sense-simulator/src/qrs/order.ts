import { resolvePath } from './filter/path.js'
import { invalidExpression } from './filter/tokens.js'
import type { TypeName } from './entity-type.js'

/** Compares two entities, as `Array.sort` wants it. */
export type Order = (left: unknown, right: unknown) => number

/**
 * Compiles the `orderby` of a QRS call: a property, `asc` or `desc` after it (ascending when left out). Text sorts without regard to case.
 *
 * @throws {@link Refusal} 400 for another form, or a property that is not a single value
 */
export function compileOrder(type: TypeName, expression: string): Order {
  const [, path = '', direction] = /^\s*([\w.]+)(?:\s+(asc|desc))?\s*$/.exec(expression) ?? []
  const { names, many } = resolvePath(type, path.split('.'))
  if (many) throw invalidExpression()
  const sign = direction === 'desc' ? -1 : 1
  return (left, right) => sign * compareValues(valueAt(left, names), valueAt(right, names))
}

/** Minus one, zero or one, as the left comes before, with or after the right. Both are of the same type. */
export function compareValues(left: string | number, right: string | number): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

function valueAt(entity: unknown, names: readonly string[]): string | number {
  let value = entity
  for (const name of names) value = (value as Record<string, unknown> | null | undefined)?.[name]
  if (typeof value === 'number') return value
  return typeof value === 'string' ? value.toLowerCase() : JSON.stringify(value ?? '')
}
