import type { AppRecord } from '../store/records.js'
import type {
  AppContentSeed,
  BookmarkSeed,
  DimensionSeed,
  MeasureSeed,
  ObjectSeed,
  SheetSeed,
  TableSeed,
  TitledSeed,
  VariableSeed,
} from './app-seed.js'

/** JSON as clients send and receive it. */
export type JsonObject = Record<string, unknown>

/** The engine's types of what an app consists of. */
export type ObjectKind = 'GenericObject' | 'GenericDimension' | 'GenericMeasure' | 'GenericVariable' | 'GenericBookmark'

/** One object of an app. */
export interface AppObject {
  readonly kind: ObjectKind
  readonly id: string
  /** `sheet`, `barchart`, `dimension`, … */
  readonly type: string
  properties: JsonObject
  readonly children: string[]
  readonly parent: string | undefined
}

/** Something a client has done to an app, for those who have it open. */
export type AppChange = { readonly kind: 'object' | 'removed'; readonly id: string } | { readonly kind: 'data' | 'app' }

/** An app as the engine has it: shared by all who open it. */
export interface AppModel {
  /** What the repository knows of it. */
  readonly record: AppRecord
  script: string
  /** When the data in memory was loaded; the repository learns of it when the app is saved. Empty before the first reload. */
  loadedAt: string
  /** By id, in the seed's order. */
  readonly objects: Map<string, AppObject>
  readonly content: AppContentSeed
  readonly tables: readonly TableSeed[]
  /** The session that reloads it. */
  reloading: boolean
  /** Told of every change, by the session that made it. */
  readonly listeners: Set<(change: AppChange) => void>
}

/** Builds an app from its seed. */
export function createAppModel(record: AppRecord, content: AppContentSeed = {}): AppModel {
  const objects = new Map<string, AppObject>()
  const add = (kind: ObjectKind, type: string, seed: TitledSeed, more: JsonObject = {}, parent?: string): AppObject => {
    const id = seed.id ?? freeId(objects, seed.title)
    const { title, description = '' } = seed
    const properties = { qInfo: { qId: id, qType: type }, qMetaDef: { title, description, tags: [] }, ...more }
    const object: AppObject = { kind, id, type, properties, children: [], parent }
    objects.set(id, object)
    return object
  }
  const addTree = (seed: ObjectSeed, type: string, parent?: string): string => {
    const more = { title: seed.title, visualization: seed.type ?? type, ...seed.properties }
    const object = add('GenericObject', parent === undefined ? type : (seed.type ?? type), seed, more, parent)
    for (const child of seed.objects ?? []) object.children.push(addTree(child, 'object', object.id))
    return object.id
  }
  const addSheet = ({ objects: placed = [], ...sheet }: SheetSeed, rank: number) => {
    const object = add('GenericObject', 'sheet', sheet, { rank, columns: 24, rows: 12 })
    for (const child of placed) object.children.push(addTree(child, child.type, object.id))
    object.properties['cells'] = object.children.map((name) => ({ name, type: objects.get(name)?.type }))
  }

  add('GenericObject', 'appprops', { id: 'AppPropsId', title: 'App properties' }, { sheetTitleBgColor: '', theme: 'breeze' })
  for (const [rank, sheet] of (content.sheets ?? []).entries()) addSheet(sheet, rank)
  for (const story of content.stories ?? []) addTree({ ...story, type: 'story' }, 'story')
  for (const object of content.masterObjects ?? []) addTree(object, 'masterobject')
  for (const dimension of content.dimensions ?? []) add('GenericDimension', 'dimension', dimension, dimensionProperties(dimension))
  for (const measure of content.measures ?? []) add('GenericMeasure', 'measure', measure, measureProperties(measure))
  for (const variable of content.variables ?? []) {
    const titled: TitledSeed = { title: variable.name, ...(variable.id === undefined ? {} : { id: variable.id }) }
    add('GenericVariable', 'variable', titled, variableProperties(variable))
  }
  for (const bookmark of content.bookmarks ?? []) add('GenericBookmark', 'bookmark', bookmark, bookmarkProperties(bookmark))
  for (const snapshot of content.snapshots ?? []) add('GenericBookmark', 'snapshot', snapshot, bookmarkProperties(snapshot))

  return {
    record,
    script: content.script ?? '///$tab Main\nLOAD * FROM [lib://Data/data.qvd] (qvd);\n',
    loadedAt: '',
    objects,
    content,
    tables: content.tables ?? [],
    reloading: false,
    listeners: new Set(),
  }
}

function dimensionProperties({ title, description = '', fields }: DimensionSeed): JsonObject {
  const grouping = fields.length > 1 ? 'H' : 'N'
  return { qDim: { qGrouping: grouping, qFieldDefs: fields, qFieldLabels: fields.map(() => ''), title, description } }
}

function measureProperties({ title, description = '', expression }: MeasureSeed): JsonObject {
  return { qMeasure: { qLabel: title, qDef: expression, qGrouping: 'N', qExpressions: [], qActiveExpression: 0, description } }
}

function variableProperties({ name, definition, comment = '' }: VariableSeed): JsonObject {
  return { qName: name, qDefinition: definition, qComment: comment, qIncludeInBookmark: false }
}

function bookmarkProperties({ properties }: BookmarkSeed): JsonObject {
  return { ...properties }
}

/** An id as the client makes them, but one that can be read: letters and digits of the title. */
export function freeId(taken: ReadonlyMap<string, unknown>, title: string): string {
  const base = title.replaceAll(/[^\p{L}\p{N}]+/gu, '') || 'object'
  let id = base
  for (let count = 2; taken.has(id); count++) id = `${base}${count}`
  return id
}

/** Tells everyone who has the app open what has become of it. */
export function tell(app: AppModel, change: AppChange): void {
  for (const listener of app.listeners) listener(change)
}
