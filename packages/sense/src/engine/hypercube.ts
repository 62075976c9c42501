import type { EngineCallOptions, EngineConnection } from './connection.js'
import { EngineError } from './engine-error.js'
import type { EnigmaObject } from './enigma.js'

/** A table to be computed: fields and expressions, or ids of master items. */
export interface HypercubeDefinition {
  /** Fields or expressions, `'Region'`; `{ libraryId }` for a master dimension. @defaultValue none */
  readonly dimensions?: readonly (string | { readonly libraryId: string })[] | undefined
  /** Expressions, `'Sum(Sales)'`; `{ libraryId }` for a master measure. @defaultValue none */
  readonly measures?: readonly (string | { readonly libraryId: string })[] | undefined
  /** Leave out rows in which every measure is zero. @defaultValue false */
  readonly suppressZero?: boolean | undefined
}

/** A cell: a number where the engine has one, else its text; `undefined` for null. */
export type HypercubeValue = number | string | undefined

/** What a hypercube's rows take. */
export interface HypercubeOptions extends EngineCallOptions {
  /** Cells fetched at once, 1 to 10 000 (the engine's limit). @defaultValue 10_000 */
  readonly pageCells?: number | undefined
}

interface CubeLayout {
  readonly qHyperCube?: {
    readonly qSize: { readonly qcx: number; readonly qcy: number }
    readonly qError?: { readonly qErrorCode?: number } | null
  }
}

interface Cell {
  readonly qText?: string
  readonly qNum?: number | 'NaN'
  readonly qIsNull?: boolean
}

const mostCells = 10_000

/** Computes a table and gives its rows, fetching page after page as they are read. What it makes in the session is taken away again. */
export async function* hypercubeRows(
  connection: EngineConnection,
  doc: EnigmaObject,
  definition: HypercubeDefinition,
  options: HypercubeOptions,
): AsyncGenerator<readonly HypercubeValue[]> {
  const { pageCells = mostCells, ...call } = options
  const qHyperCubeDef = toDefinition(definition)
  const cube = await connection.call<EnigmaObject>(
    doc,
    'CreateSessionObject',
    [{ qInfo: { qType: 'butlerkit-hypercube' }, qHyperCubeDef }],
    call,
  )
  try {
    const { qHyperCube } = await connection.call<CubeLayout>(cube, 'GetLayout', [], call)
    const errorCode = qHyperCube?.qError?.qErrorCode
    if (qHyperCube === undefined || (errorCode !== undefined && errorCode !== 0)) {
      throw new EngineError('ENGINE_CALL', `the engine could not compute the hypercube: error ${errorCode ?? 'unknown'}`, {
        method: 'GetLayout',
        engineCode: errorCode,
      })
    }
    const { qcx: width, qcy: height } = qHyperCube.qSize
    const pageRows = Math.max(1, Math.floor(Math.min(pageCells, mostCells) / Math.max(1, width)))
    for (let top = 0; top < height; top += pageRows) {
      const page = { qLeft: 0, qTop: top, qWidth: width, qHeight: Math.min(pageRows, height - top) }
      const pages = await connection.call<{ readonly qMatrix: readonly (readonly Cell[])[] }[]>(
        cube,
        'GetHyperCubeData',
        ['/qHyperCubeDef', [page]],
        call,
      )
      for (const row of pages[0]?.qMatrix ?? []) yield row.map(toValue)
    }
  } finally {
    // The session may be over by now, and the object with it.
    await connection.call(doc, 'DestroySessionObject', [cube.id]).catch(() => {})
  }
}

function toDefinition({ dimensions = [], measures = [], suppressZero = false }: HypercubeDefinition): object {
  return {
    qDimensions: dimensions.map((each) => (typeof each === 'string' ? { qDef: { qFieldDefs: [each] } } : { qLibraryId: each.libraryId })),
    qMeasures: measures.map((each) => (typeof each === 'string' ? { qDef: { qDef: each } } : { qLibraryId: each.libraryId })),
    qSuppressZero: suppressZero,
    qInitialDataFetch: [],
  }
}

function toValue({ qText, qNum, qIsNull }: Cell): HypercubeValue {
  if (qIsNull === true) return undefined
  return typeof qNum === 'number' ? qNum : qText
}
