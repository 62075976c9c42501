import type { AppModel, AppObject, JsonObject } from './app-model.js'
import { cubeLayout } from './hypercube.js'

/** What a layout depends on beside the object itself. */
export interface LayoutContext {
  readonly app: AppModel
  readonly noData: boolean
}

interface ListDefinition {
  readonly qType?: string
  /** Names in `qData` and paths into the properties: `{ title: '/qMetaDef/title' }`. */
  readonly qData?: Readonly<Record<string, string>>
}

type List = (context: LayoutContext, definition: ListDefinition) => readonly JsonObject[]

/** Definitions of lists in an object's properties, and under which key their layout shows them. @see QIX, `AppObjectListDef` and others */
const lists: Readonly<Record<string, { readonly key: string; readonly items: List }>> = {
  qAppObjectListDef: { key: 'qAppObjectList', items: objectList },
  qDimensionListDef: { key: 'qDimensionList', items: kindList('dimension') },
  qMeasureListDef: { key: 'qMeasureList', items: kindList('measure') },
  qBookmarkListDef: { key: 'qBookmarkList', items: (context, definition) => kindList(definition.qType ?? 'bookmark')(context, definition) },
  qVariableListDef: { key: 'qVariableList', items: variableList },
  qFieldListDef: { key: 'qFieldList', items: fieldList },
  qMediaListDef: { key: 'qMediaList', items: mediaList },
}

/** Whether an object's layout depends on what else is in the app. */
export function isList(properties: JsonObject): boolean {
  return Object.keys(properties).some((name) => Object.hasOwn(lists, name))
}

/** The layout of an object: its properties, with lists and hypercubes worked out. */
export function toLayout(context: LayoutContext, { properties }: Pick<AppObject, 'properties'>): JsonObject {
  const { qMetaDef = {}, ...rest } = properties
  const layout: JsonObject = { qMeta: toMeta(context.app, qMetaDef as JsonObject), qSelectionInfo: {} }
  for (const [name, value] of Object.entries(rest)) {
    const list = Object.hasOwn(lists, name) ? lists[name] : undefined
    if (list) layout[list.key] = { qItems: list.items(context, value as ListDefinition) }
    else if (name === 'qHyperCubeDef') layout['qHyperCube'] = cubeLayout(context.app, context.noData, value as JsonObject)
    else layout[name] = value
  }
  return layout
}

/** Items of an object's children, as `qChildList` and the lists show them. */
export function toItem(app: AppModel, object: AppObject, data: ListDefinition['qData'] = {}): JsonObject {
  const { qInfo, qMetaDef = {} } = object.properties
  const picked = Object.entries(data).map(([name, path]) => [name, at(object.properties, path)])
  return { qInfo, qMeta: toMeta(app, qMetaDef as JsonObject), qData: Object.fromEntries(picked) }
}

function toMeta({ record }: AppModel, meta: JsonObject): JsonObject {
  const { createdDate, modifiedDate, published, publishTime } = record
  return {
    ...meta,
    createdDate,
    modifiedDate,
    published,
    publishTime: published ? publishTime : '',
    approved: false,
    privileges: ['read', 'update', 'delete', 'publish', 'changeowner'],
  }
}

function objectList({ app }: LayoutContext, { qType = 'sheet', qData }: ListDefinition): readonly JsonObject[] {
  return ofType(app, qType).map((object) => toItem(app, object, qData))
}

function kindList(type: string): List {
  return ({ app }, { qData }) => ofType(app, type).map((object) => toItem(app, object, qData))
}

function variableList({ app }: LayoutContext, { qData }: ListDefinition): readonly JsonObject[] {
  return ofType(app, 'variable').map((object) => {
    const { qName, qDefinition } = object.properties
    return { ...toItem(app, object, qData), qName, qDescription: object.properties['qComment'], qDefinition, qIsScriptCreated: false }
  })
}

// Without data there are no fields, and nothing says so.
function fieldList({ app, noData }: LayoutContext): readonly JsonObject[] {
  if (noData) return []
  const names = [...new Set(app.tables.flatMap(({ fields }) => fields))]
  return names.map((qName) => {
    const tables = app.tables.filter(({ fields }) => fields.includes(qName))
    const values = tables.flatMap(({ fields, rows }) => rows.map((row) => row[fields.indexOf(qName)]))
    const numeric = values.every((value) => typeof value === 'number')
    const tags = numeric ? ['$numeric'] : ['$ascii', '$text']
    return {
      qName,
      qCardinal: new Set(values).size,
      qTags: tables.length > 1 ? ['$key', ...tags] : tags,
      qSrcTables: tables.map(({ name }) => name),
    }
  })
}

function mediaList({ app }: LayoutContext): readonly JsonObject[] {
  return (app.content.media ?? []).map((url) => ({ qUrlDef: url, qUrl: url }))
}

function ofType(app: AppModel, type: string): readonly AppObject[] {
  return [...app.objects.values()].filter((object) => object.type === type)
}

function at(value: unknown, path: string): unknown {
  let found = value
  for (const name of path.split('/').slice(1)) found = (found as JsonObject | null | undefined)?.[name]
  return found
}
