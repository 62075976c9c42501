import type { AppModel } from './app-model.js'
import type { TableSeed } from './app-seed.js'

/** What an expression comes to; undefined where we do not understand it. */
export type Value = string | number | undefined

type Row = TableSeed['rows'][number]

const aggregation = /^(sum|count|avg|min|max)\s*\(\s*(distinct\s+)?(\[[^\]]+\]|[\p{L}_][\p{L}\p{N}_ ]*?)\s*\)$/iu

/**
 * Evaluates an expression: one the seed gives a result for, a number, or one aggregation of one field.
 *
 * @param rows - the rows to look at, of the table that has the field. @defaultValue all
 */
export function evaluate(app: AppModel, expression: string, rows?: readonly Row[]): Value {
  const text = expression.trim().replace(/^=\s*/, '')
  const { expressions = {} } = app.content
  if (Object.hasOwn(expressions, text)) return expressions[text]
  if (text !== '' && Number.isFinite(Number(text))) return Number(text)
  const [, operator = '', distinct, field = ''] = aggregation.exec(text) ?? []
  const table = operator === '' ? undefined : tableWith(app, [fieldName(field)])
  if (table === undefined) return undefined
  const column = table.fields.indexOf(fieldName(field))
  const values = (rows ?? table.rows).map((row) => row[column]).filter((value) => value !== undefined && value !== '')
  return aggregate(operator.toLowerCase(), distinct === undefined ? values : [...new Set(values)])
}

/** The first table that has all the fields. */
export function tableWith(app: AppModel, fields: readonly string[]): TableSeed | undefined {
  return app.tables.find((table) => fields.every((field) => table.fields.includes(field)))
}

/** A field's name without `=` and brackets. */
export function fieldName(definition: string): string {
  const text = definition.trim().replace(/^=\s*/, '')
  return /^\[[^\]]*\]$/.test(text) ? text.slice(1, -1) : text
}

/** The field an aggregation is over; undefined for another expression. */
export function aggregatedField(expression: string): string | undefined {
  const field = aggregation.exec(expression.trim().replace(/^=\s*/, ''))?.[3]
  return field === undefined ? undefined : fieldName(field)
}

function aggregate(operator: string, values: readonly Value[]): Value {
  if (operator === 'count') return values.length
  const numbers = values.map(Number).filter((value) => Number.isFinite(value))
  const sum = numbers.reduce((total, value) => total + value, 0)
  if (operator === 'sum') return sum
  if (numbers.length === 0) return undefined
  if (operator === 'avg') return sum / numbers.length
  return operator === 'min' ? Math.min(...numbers) : Math.max(...numbers)
}
