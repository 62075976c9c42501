import type { WireTable } from '@butlerkit/sense'
import { json, Refusal, type Answer } from '../http/answer.js'
import { objectBody, toDraft, type Draft } from './body.js'
import { enums } from './enums.js'
import { resolvePath } from './filter/path.js'
import { isReference, type TypeName } from './entity-type.js'
import { model } from './model.js'
import { compareValues } from './order.js'
import type { Call } from './routes.js'

interface Column {
  readonly name: string
  readonly read: (entity: unknown) => unknown
}

/**
 * `POST /<type>/table`: the columns that are asked for, a page at a time. Columns of functions are refused.
 *
 * @param selected - what passes the filter, in the order of `orderby`
 */
export function tableAnswer(type: TypeName, selected: readonly unknown[], call: Call, guid: () => string): Answer {
  const { columns: asked } = objectBody(call)
  if (!Array.isArray(asked) || asked.length === 0) throw new Refusal(400, 'Invalid property: columns')
  const columns = asked.map((column) => toColumn(type, toDraft(column)))
  const rows = selected.map((entity) => columns.map(({ read }) => read(entity)))
  const sorted = sort(rows, columns, call)
  const skip = number(call, 'skip', 0)
  const take = number(call, 'take', sorted.length)
  const table: WireTable = {
    id: guid(),
    schemaPath: 'Table',
    columnNames: columns.map(({ name }) => name),
    rows: sorted.slice(skip, skip + take),
  }
  return json(201, table)
}

function sort(rows: readonly (readonly unknown[])[], columns: readonly Column[], { query }: Call): readonly (readonly unknown[])[] {
  const wanted = query.get('sortcolumn')
  if (wanted === undefined || wanted === '') return rows
  const index = columns.findIndex(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  if (index < 0) throw new Refusal(400, 'Invalid expression')
  const sign = query.get('orderascending')?.toLowerCase() === 'false' ? -1 : 1
  return rows.toSorted((left, right) => sign * compare(left[index], right[index]))
}

function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  return compareValues(textOf(left), textOf(right))
}

function textOf(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).toLowerCase()
}

function number({ query }: Call, name: string, fallback: number): number {
  const value = query.get(name)
  if (value === undefined || value === '') return fallback
  if (!/^\d+$/.test(value)) throw new Refusal(400, 'Invalid expression')
  return Number(value)
}

function toColumn(type: TypeName, { name, columnType, definition, list }: Draft): Column {
  if (typeof name !== 'string' || typeof definition !== 'string') throw new Refusal(400, 'Invalid property: columns')
  switch (columnTypeOf(columnType)) {
    case 'Property': {
      const { names, many } = resolvePath(type, definition.split('.'))
      if (many) throw new Refusal(400, `Invalid property: ${definition}`)
      return { name, read: (entity) => valueAt(entity, names) }
    }
    case 'List':
      return toListColumn(type, name, definition, list)
    case 'Privileges':
      return { name, read: () => ['create', 'read', 'update', 'delete'] }
    case undefined:
    default:
      throw new Refusal(400, `Invalid property: ${name}`)
  }
}

// The definition names the type of what is listed, `tag`, or the field that holds it.
function toListColumn(type: TypeName, name: string, definition: string, list: unknown): Column {
  const wanted = definition.toLowerCase()
  const found = Object.entries(model[type].fields).find(
    ([field, kind]) => isReference(kind) && kind.many && (field.toLowerCase() === wanted || kind.type.toLowerCase() === wanted),
  )
  if (found === undefined || !isReference(found[1]) || !Array.isArray(list)) throw new Refusal(400, `Invalid property: ${definition}`)
  const [field, { type: listed }] = found
  const columns = list.map((column) => toColumn(listed, toDraft(column)))
  return {
    name,
    read(entity) {
      const elements = (entity as Record<string, readonly unknown[]>)[field] ?? []
      return {
        columnNames: columns.map((column) => column.name),
        rows: elements.map((element) => columns.map(({ read }) => read(element))),
      }
    },
  }
}

function columnTypeOf(value: unknown): string | undefined {
  return Object.entries(enums['TableDefinitionColumn.columnType']).find(([text, code]) => text === value || code === value)?.[0]
}

function valueAt(entity: unknown, names: readonly string[]): unknown {
  let value = entity
  for (const field of names) value = (value as Record<string, unknown> | null | undefined)?.[field]
  return value ?? null
}
