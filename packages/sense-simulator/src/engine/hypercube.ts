import type { AppModel, JsonObject } from './app-model.js'
import { aggregatedField, evaluate, fieldName, tableWith, type Value } from './expressions.js'
import { qixError } from './qix-error.js'

/** A rectangle of a hypercube, as clients ask for it. */
export interface Page {
  readonly qLeft: number
  readonly qTop: number
  readonly qWidth: number
  readonly qHeight: number
}

interface CubeDefinition {
  readonly qDimensions?: readonly { readonly qLibraryId?: string; readonly qDef?: { readonly qFieldDefs?: readonly string[] } }[]
  readonly qMeasures?: readonly { readonly qLibraryId?: string; readonly qDef?: { readonly qDef?: string; readonly qLabel?: string } }[]
  readonly qInitialDataFetch?: readonly Page[]
}

interface Cube {
  readonly dimensions: readonly string[]
  readonly measures: readonly string[]
  readonly rows: readonly (readonly Value[])[]
}

/** The most cells one call may ask for. @see QIX, `GetHyperCubeData` */
export const maxCells = 10_000

/** The layout of `qHyperCubeDef`, with the pages of its initial fetch. */
export function cubeLayout(app: AppModel, noData: boolean, definition: CubeDefinition): JsonObject {
  const cube = compute(app, noData, definition)
  return {
    qSize: { qcx: cube.dimensions.length + cube.measures.length, qcy: cube.rows.length },
    qDimensionInfo: cube.dimensions.map((field) => ({ qFallbackTitle: field, qCardinal: distinct(cube, field), qGroupFieldDefs: [field] })),
    qMeasureInfo: cube.measures.map((expression) => ({ qFallbackTitle: expression })),
    qMode: 'S',
    qDataPages: (definition.qInitialDataFetch ?? []).map((page) => cut(cube, page)),
  }
}

/**
 * Pages of a hypercube: `GetHyperCubeData`.
 *
 * @throws {@link QixError} 6001 when a page has more than {@link maxCells} cells
 */
export function cubePages(app: AppModel, noData: boolean, definition: CubeDefinition, pages: readonly Page[]): readonly JsonObject[] {
  if (pages.some(({ qWidth, qHeight }) => qWidth * qHeight > maxCells)) throw qixError('LOCERR_HC_RESULT_TOO_LARGE')
  const cube = compute(app, noData, definition)
  return pages.map((page) => cut(cube, page))
}

function compute(app: AppModel, noData: boolean, definition: CubeDefinition): Cube {
  const dimensions = (definition.qDimensions ?? []).map(({ qLibraryId, qDef }) =>
    fieldName(libraryField(app, qLibraryId) ?? qDef?.qFieldDefs?.[0] ?? ''),
  )
  const measures = (definition.qMeasures ?? []).map(({ qLibraryId, qDef }) => libraryMeasure(app, qLibraryId) ?? qDef?.qDef ?? '')
  if (noData) return { dimensions, measures, rows: [] }
  if (dimensions.length === 0) return { dimensions, measures, rows: [measures.map((expression) => evaluate(app, expression))] }
  const fields = measures.map(aggregatedField).filter((field) => field !== undefined)
  const table = tableWith(app, [...dimensions, ...fields]) ?? tableWith(app, dimensions)
  if (table === undefined) return { dimensions, measures, rows: [] }

  const columns = dimensions.map((field) => table.fields.indexOf(field))
  const groups = new Map<string, { readonly keys: readonly Value[]; readonly rows: (typeof table.rows)[number][] }>()
  for (const row of table.rows) {
    const keys = columns.map((column) => row[column])
    const name = JSON.stringify(keys)
    const group = groups.get(name)
    if (group) group.rows.push(row)
    else groups.set(name, { keys, rows: [row] })
  }
  const rows = [...groups.values()].map(({ keys, rows: own }) => [...keys, ...measures.map((expression) => evaluate(app, expression, own))])
  return { dimensions, measures, rows }
}

function libraryField(app: AppModel, id = ''): string | undefined {
  const dim = app.objects.get(id)?.properties['qDim'] as { readonly qFieldDefs?: readonly string[] } | undefined
  return dim?.qFieldDefs?.[0]
}

function libraryMeasure(app: AppModel, id = ''): string | undefined {
  return (app.objects.get(id)?.properties['qMeasure'] as { readonly qDef?: string } | undefined)?.qDef
}

function distinct({ dimensions, rows }: Cube, field: string): number {
  const column = dimensions.indexOf(field)
  return new Set(rows.map((row) => row[column])).size
}

function cut(cube: Cube, { qLeft, qTop, qWidth, qHeight }: Page): JsonObject {
  const rows = cube.rows.slice(qTop, qTop + qHeight)
  const matrix = rows.map((row, index) =>
    row.slice(qLeft, qLeft + qWidth).map((value, column) => toCell(cube, value, qLeft + column, qTop + index)),
  )
  return { qMatrix: matrix, qTails: [], qArea: { qLeft, qTop, qWidth: matrix[0]?.length ?? 0, qHeight: matrix.length } }
}

function toCell({ dimensions }: Cube, value: Value, column: number, row: number): JsonObject {
  const isDimension = column < dimensions.length
  // `NaN` on the wire is text: QIX, NxCell.
  return {
    qText: value === undefined ? '-' : String(value),
    qNum: typeof value === 'number' ? value : 'NaN',
    qElemNumber: isDimension ? row : 0,
    qState: isDimension ? 'O' : 'L',
  }
}
