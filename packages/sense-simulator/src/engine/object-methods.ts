import { tell, type AppObject, type JsonObject } from './app-model.js'
import { cubePages, type Page } from './hypercube.js'
import { toItem, toLayout } from './layouts.js'
import { appOf, toReturn, type QixCall, type QixMethod, type QixMethods } from './method.js'
import { qixError } from './qix-error.js'

const getLayout: QixMethod = { params: [], run: (call) => ({ qLayout: layoutOf(call) }) }
const getProperties: QixMethod = { params: [], run: (call) => ({ qProp: objectOf(call).properties }) }
const getInfo: QixMethod = { params: [], run: (call) => ({ qInfo: objectOf(call).properties['qInfo'] }) }
const setProperties: QixMethod = {
  params: ['qProp'],
  run(call) {
    const { id, type } = objectOf(call)
    change(call, { ...(call.params['qProp'] as JsonObject), qInfo: { qId: id, qType: type } })
    return {}
  },
}

/** Methods all kinds of objects share. */
const shared: QixMethods = { GetLayout: getLayout, GetProperties: getProperties, GetInfo: getInfo, SetProperties: setProperties }

/** Methods on the objects of an app, by the type of their handle. @see QIX, `GenericObject` and others */
export const objectMethods: Readonly<Record<AppObject['kind'], QixMethods>> = {
  GenericObject: {
    ...shared,
    GetEffectiveProperties: getProperties,
    GetFullPropertyTree: { params: [], run: (call) => ({ qPropEntry: propertyTree(call, objectOf(call)) }) },
    GetChildInfos: {
      params: [],
      run: (call) => ({ qInfos: childrenOf(call, objectOf(call)).map(({ id, type }) => ({ qId: id, qType: type })) }),
    },
    GetChild: {
      params: ['qId'],
      run(call) {
        const child = childrenOf(call, objectOf(call)).find(({ id }) => id === call.params['qId'])
        return toReturn(child && call.session.hold(child))
      },
    },
    GetHyperCubeData: {
      params: ['qPath', 'qPages'],
      run(call) {
        const { model, noData } = appOf(call)
        const definition = objectOf(call).properties['qHyperCubeDef']
        if (call.params['qPath'] !== '/qHyperCubeDef' || definition === undefined)
          throw qixError('LOCERR_GENERIC_INVALID_PARAMETERS', 'qPath')
        return { qDataPages: cubePages(model, noData, definition as JsonObject, call.params['qPages'] as readonly Page[]) }
      },
    },
  },
  GenericDimension: { ...shared, GetDimension: { params: [], run: (call) => ({ qDim: objectOf(call).properties['qDim'] }) } },
  GenericMeasure: { ...shared, GetMeasure: { params: [], run: (call) => ({ qMeasure: objectOf(call).properties['qMeasure'] }) } },
  GenericBookmark: shared,
  GenericVariable: {
    ...shared,
    SetStringValue: {
      params: ['qVal'],
      run(call) {
        change(call, { ...objectOf(call).properties, qDefinition: call.params['qVal'] })
        return {}
      },
    },
  },
}

function objectOf({ target }: QixCall): AppObject {
  if (target.object === undefined) throw new TypeError('a handle without an object')
  return target.object
}

function layoutOf(call: QixCall): JsonObject {
  const { model, noData } = appOf(call)
  const object = objectOf(call)
  const layout = toLayout({ app: model, noData }, object)
  if (object.kind === 'GenericVariable') return { ...layout, qText: object.properties['qDefinition'] }
  if (object.children.length === 0) return layout
  return { ...layout, qChildList: { qItems: childrenOf(call, object).map((child) => toItem(model, child, { title: '/qMetaDef/title' })) } }
}

function propertyTree(call: QixCall, object: AppObject): JsonObject {
  return {
    qProperty: object.properties,
    qChildren: childrenOf(call, object).map((child) => propertyTree(call, child)),
    qEmbeddedSnapshotRef: null,
  }
}

function childrenOf(call: QixCall, { children }: AppObject): readonly AppObject[] {
  const { objects } = appOf(call).model
  return children.flatMap((id) => objects.get(id) ?? [])
}

function change(call: QixCall, properties: JsonObject): void {
  const object = objectOf(call)
  object.properties = properties
  tell(appOf(call).model, { kind: 'object', id: object.id })
}
