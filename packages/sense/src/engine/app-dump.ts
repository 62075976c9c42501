import { inParallel } from '../in-parallel.js'
import type { EngineCallOptions, EngineConnection } from './connection.js'
import type { EngineApp } from './engine-app.js'
import { EngineError } from './engine-error.js'
import type { EnigmaObject } from './enigma.js'

/** Everything in an app but its data, under Butler's names. What is in it is the engine's, with keys in alphabetical order. */
export interface AppDump {
  readonly appId: string
  /** `GetAppProperties`. */
  readonly properties: unknown
  readonly loadScript: string
  /** Property trees. */
  readonly sheets: readonly unknown[]
  /** Property trees. */
  readonly stories: readonly unknown[]
  /** Property trees. */
  readonly masterobjects: readonly unknown[]
  /** Property trees. */
  readonly appprops: readonly unknown[]
  /** `qInfo`, `qDim` and `qMetaDef` of each. */
  readonly dimensions: readonly unknown[]
  /** `qInfo`, `qMeasure` and `qMetaDef` of each. */
  readonly measures: readonly unknown[]
  readonly bookmarks: readonly unknown[]
  readonly embeddedmedia: readonly unknown[]
  readonly snapshots: readonly unknown[]
  /** Empty where the engine has no fields without data. */
  readonly fields: readonly unknown[]
  readonly dataconnections: readonly unknown[]
  readonly variables: readonly unknown[]
  readonly lineage: readonly unknown[]
}

/** What a dump takes. */
export interface AppDumpOptions extends EngineCallOptions {
  /** Requests to the engine at once, 1 to 10. @defaultValue 10 */
  readonly concurrency?: number | undefined
}

type Json = Readonly<Record<string, unknown>>
interface ListItem extends Json {
  readonly qInfo?: { readonly qId: string }
}

const mostAtOnce = 10

/** Reads an app that is open without data. @see serializeapp 3, and Butler's `/v4/app/{appId}/dump` */
export async function dumpApp(connection: EngineConnection, app: EngineApp, options: AppDumpOptions): Promise<AppDump> {
  const { concurrency = mostAtOnce, ...call } = options
  const atOnce = Math.min(concurrency, mostAtOnce)
  const { raw: doc } = app
  const ask = <T>(method: string, params: readonly unknown[] = [], on = doc) => connection.call<T>(on, method, params, call)

  const dump: AppDump = {
    appId: app.id,
    properties: await ask('GetAppProperties'),
    loadScript: await ask<string>('GetScript'),
    sheets: await trees('sheet'),
    stories: await trees('story'),
    masterobjects: await trees('masterobject'),
    appprops: await trees('appprops'),
    dimensions: await objects({ qDimensionListDef: { qType: 'dimension' } }, 'qDimensionList', 'GetDimension', [
      'qInfo',
      'qDim',
      'qMetaDef',
    ]),
    measures: await objects({ qMeasureListDef: { qType: 'measure' } }, 'qMeasureList', 'GetMeasure', ['qInfo', 'qMeasure', 'qMetaDef']),
    bookmarks: await objects({ qBookmarkListDef: { qType: 'bookmark' } }, 'qBookmarkList', 'GetBookmark'),
    embeddedmedia: await items({ qMediaListDef: {} }, 'qMediaList'),
    snapshots: await objects({ qBookmarkListDef: { qType: 'snapshot' } }, 'qBookmarkList', 'GetBookmark'),
    fields: await items(
      { qFieldListDef: { qShowSystem: true, qShowHidden: true, qShowSrcTables: true, qShowSemantic: true, qShowDerivedFields: true } },
      'qFieldList',
    ),
    dataconnections: await ask<Json[]>('GetConnections'),
    variables: await variables(),
    lineage: await ask<Json[]>('GetLineage'),
  }
  return inOrder(dump) as AppDump

  async function trees(type: string): Promise<unknown[]> {
    const found = await items({ qAppObjectListDef: { qType: type } }, 'qAppObjectList')
    return present(found, async (id) => ask('GetFullPropertyTree', [], await ask<EnigmaObject>('GetObject', [id])))
  }

  async function objects(definition: Json, list: string, method: string, keys?: readonly string[]): Promise<unknown[]> {
    return present(await items(definition, list), async (id) => {
      const properties = await ask<Json>('GetProperties', [], await ask<EnigmaObject>(method, [id]))
      return keys === undefined ? properties : Object.fromEntries(keys.map((key) => [key, properties[key]]))
    })
  }

  async function variables(): Promise<unknown[]> {
    const found = await items({ qVariableListDef: { qType: 'variable', qShowReserved: true, qShowConfig: true } }, 'qVariableList')
    return present(found, async (id, item) => {
      const properties = await ask<Json>('GetProperties', [], await ask<EnigmaObject>('GetVariableById', [id]))
      const flags = ['qIsScriptCreated', 'qIsReserved', 'qIsConfig'].filter((flag) => item[flag] === true)
      return { ...properties, ...Object.fromEntries(flags.map((flag) => [flag, true])) }
    })
  }

  /** What the engine lists, by a session object that is taken away again. */
  async function items(definition: Json, list: string): Promise<ListItem[]> {
    const object = await ask<EnigmaObject>('CreateSessionObject', [{ qInfo: { qType: list }, ...definition }])
    const layout = await ask<Record<string, { readonly qItems?: ListItem[] } | undefined>>('GetLayout', [], object)
    await ask('DestroySessionObject', [object.id])
    return (layout[list]?.qItems ?? []).toSorted(byId)
  }

  /** Reads each of a list, and leaves out what the engine lists but does not have, or does not show. */
  async function present(list: readonly ListItem[], read: (id: string, item: ListItem) => Promise<unknown>): Promise<unknown[]> {
    const found = await inParallel(list, atOnce, async (item) => {
      try {
        return item.qInfo === undefined ? undefined : await read(item.qInfo.qId, item)
      } catch (error) {
        if (error instanceof EngineError && (error.code === 'ENGINE_NOT_FOUND' || error.code === 'ENGINE_DENIED')) return undefined
        throw error
      }
    })
    return found.filter((object) => object !== undefined)
  }
}

function byId(a: ListItem, b: ListItem): number {
  const [one, other] = [keyOf(a), keyOf(b)]
  return one < other ? -1 : one > other ? 1 : 0
}

/** Fields have a name in place of an id; media a URL. */
function keyOf({ qInfo, qName, qUrl }: ListItem): string {
  const other = qName ?? qUrl
  return qInfo?.qId ?? (typeof other === 'string' ? other : '')
}

/** The same value, with the keys of every object below the first level in alphabetical order: two dumps of one app are the same text. */
function inOrder(value: unknown, level = 0): unknown {
  if (Array.isArray(value)) return value.map((each) => inOrder(each, level + 1))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(
    (level === 0 ? entries : entries.toSorted(([a], [b]) => (a < b ? -1 : 1))).map(([key, each]) => [key, inOrder(each, level + 1)]),
  )
}
