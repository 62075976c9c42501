import { toWireDate } from '../store/wire-values.js'
import { freeId, tell, type AppModel, type AppObject, type JsonObject, type ObjectKind } from './app-model.js'
import { evaluate } from './expressions.js'
import { lastReload } from './global-methods.js'
import { appOf, text, toReturn, type Outs, type QixCall, type QixMethod, type QixMethods } from './method.js'
import { qixError } from './qix-error.js'
import { startReload } from './reload.js'

/** Methods on an open app. @see QIX, `Doc` */
export const docMethods: QixMethods = {
  GetAppLayout: { params: [], run: (call) => ({ qLayout: appLayout(call) }) },
  GetAppProperties: {
    params: [],
    run(call) {
      const { record } = appOf(call).model
      const { name, savedInProductVersion, migrationHash, thumbnail } = record
      const loaded = lastReload(record.lastReloadTime)
      return {
        qProp: {
          qTitle: name,
          qLastReloadTime: loaded,
          qMigrationHash: migrationHash,
          qSavedInProductVersion: savedInProductVersion,
          qThumbnail: { qUrl: thumbnail },
        },
      }
    },
  },
  GetScript: { params: [], run: (call) => ({ qScript: appOf(call).model.script }) },
  SetScript: {
    params: ['qScript'],
    run(call) {
      const { model } = appOf(call)
      model.script = text(call.params, 'qScript')
      tell(model, { kind: 'app' })
      return {}
    },
  },
  CheckScriptSyntax: { params: [], run: () => ({ qErrors: [] }) },
  GetAllInfos: {
    params: [],
    run: (call) => ({ qInfos: [...appOf(call).model.objects.values()].map(({ id, type }) => ({ qId: id, qType: type })) }),
  },

  GetObject: getter('qId', 'GenericObject'),
  GetDimension: getter('qId', 'GenericDimension'),
  GetMeasure: getter('qId', 'GenericMeasure'),
  GetBookmark: getter('qId', 'GenericBookmark'),
  GetVariableById: getter('qId', 'GenericVariable'),
  GetVariableByName: {
    params: ['qName'],
    run(call) {
      const name = text(call.params, 'qName')
      const variable = [...appOf(call).model.objects.values()].find((object) => object.properties['qName'] === name)
      if (variable === undefined) throw qixError('LOCERR_GENERIC_NOT_FOUND', name)
      return toReturn(call.session.hold(variable))
    },
  },

  CreateSessionObject: {
    params: ['qProp'],
    run({ session, params }) {
      const object = newObject(session.ownObjects, params['qProp'])
      session.ownObjects.set(object.id, object)
      return toReturn(session.hold(object))
    },
  },
  DestroySessionObject: {
    params: ['qId'],
    run({ session, params }) {
      return { qSuccess: session.release(text(params, 'qId')) }
    },
  },
  CreateObject: {
    params: ['qProp'],
    run(call) {
      const { model } = appOf(call)
      const object = newObject(model.objects, call.params['qProp'])
      if (model.objects.has(object.id)) throw qixError('LOCERR_GENERIC_ALREADY_EXISTS', object.id)
      model.objects.set(object.id, object)
      tell(model, { kind: 'object', id: object.id })
      return { qInfo: { qId: object.id, qType: object.type }, ...toReturn(call.session.hold(object)) }
    },
  },
  DestroyObject: {
    params: ['qId'],
    run(call) {
      const { model } = appOf(call)
      const id = text(call.params, 'qId')
      const object = model.objects.get(id)
      if (object?.kind !== 'GenericObject') return { qSuccess: false }
      for (const child of [id, ...descendants(model, object)]) {
        model.objects.delete(child)
        tell(model, { kind: 'removed', id: child })
      }
      return { qSuccess: true }
    },
  },

  GetConnections: {
    params: [],
    run: (call) => ({
      qConnections: (appOf(call).model.content.connections ?? []).map(({ id, name, type, connectionString, userName = '' }) => ({
        qId: id ?? name,
        qName: name,
        qConnectionString: connectionString,
        qType: type,
        qUserName: userName,
        qModifiedDate: appOf(call).model.record.modifiedDate,
        qLogOn: 0,
        qArchitecture: 0,
      })),
    }),
  },
  GetMediaList: {
    params: [],
    run: (call) => ({
      qList: { qItems: (appOf(call).model.content.media ?? []).map((url) => ({ qUrlDef: url, qUrl: url })) },
      qReturn: true,
    }),
  },
  GetLineage: {
    params: [],
    run: (call) => ({
      qLineage: (appOf(call).model.content.lineage ?? []).map(({ discriminator, statement }) => ({
        qDiscriminator: discriminator,
        qStatement: statement,
      })),
    }),
  },
  GetTablesAndKeys: {
    params: ['qWindowSize', 'qNullSize', 'qCellHeight', 'qSyntheticMode', 'qIncludeSysVars', 'qIncludeProfiling'],
    run(call) {
      const { model, noData } = appOf(call)
      const tables = noData ? [] : model.tables
      const names = [...new Set(tables.flatMap(({ fields }) => fields))]
      const shared = names.map((name) => tables.filter(({ fields }) => fields.includes(name))).filter((users) => users.length > 1)
      return {
        qtr: tables.map(({ name, fields, rows }) => ({
          qName: name,
          qNoOfRows: rows.length,
          qFields: fields.map((qName) => ({ qName, qOriginalFields: [] })),
        })),
        qk: shared.map((users) => ({ qTables: users.map(({ name }) => name) })),
      }
    },
  },

  Evaluate: {
    params: ['qExpression'],
    run(call) {
      const { model, noData } = appOf(call)
      const value = noData ? undefined : evaluate(model, text(call.params, 'qExpression'))
      return { qReturn: value === undefined ? 'Error: Error in expression' : String(value) }
    },
  },
  EvaluateEx: {
    params: ['qExpression'],
    run(call) {
      const { model, noData } = appOf(call)
      const value = noData ? undefined : evaluate(model, text(call.params, 'qExpression'))
      return {
        qValue:
          typeof value === 'number'
            ? { qText: String(value), qIsNumeric: true, qNumber: value }
            : { qText: value ?? 'Error: Error in expression' },
      }
    },
  },

  DoReload: { params: ['qMode', 'qPartial', 'qDebug'], run: async (call) => ({ qReturn: await reload(call) }) },
  DoReloadEx: {
    params: ['qParams'],
    async run(call) {
      const qSuccess = await reload(call)
      return { qResult: { qSuccess, qScriptLogFile: `${appOf(call).model.record.id}.log`, qEndedWithMemoryConstraint: false } }
    },
  },
  DoSave: {
    params: ['qFileName'],
    run(call) {
      const { model } = appOf(call)
      const now = toWireDate(call.world.clock.now())
      Object.assign(model.record, { modifiedDate: now, ...(model.loadedAt === '' ? {} : { lastReloadTime: model.loadedAt }) })
      tell(model, { kind: 'app' })
      return {}
    },
  },
}

function getter(param: string, kind: ObjectKind): QixMethod {
  return {
    params: [param],
    run(call) {
      const id = text(call.params, param)
      const object = appOf(call).model.objects.get(id) ?? call.session.ownObjects.get(id)
      return toReturn(object?.kind === kind ? call.session.hold(object) : undefined)
    },
  }
}

function newObject(taken: ReadonlyMap<string, AppObject>, properties: unknown): AppObject {
  const given = (properties ?? {}) as JsonObject
  const { qId = '', qType = '' } = (given['qInfo'] ?? {}) as { readonly qId?: string; readonly qType?: string }
  if (qType === '') throw qixError('LOCERR_GENERIC_INVALID_PARAMETERS', 'qInfo.qType')
  const id = qId === '' ? freeId(taken, qType) : qId
  return { kind: 'GenericObject', id, type: qType, properties: { ...given, qInfo: { qId: id, qType } }, children: [], parent: undefined }
}

function descendants(model: AppModel, { children }: AppObject): readonly string[] {
  return children.flatMap((id) => {
    const child = model.objects.get(id)
    return child ? [id, ...descendants(model, child)] : []
  })
}

/** `qMode`: 0 default, 1 stop at an error, 2 ignore errors. */
const ignoreErrors = 2

async function reload(call: QixCall): Promise<boolean> {
  const { world, session, id } = call
  const { model } = appOf(call)
  if (model.reloading) throw qixError('LOCERR_RELOAD_IN_PROGRESS', model.record.id)
  model.reloading = true
  const { qMode } = { ...call.params, ...(call.params['qParams'] as JsonObject | undefined) } as { readonly qMode?: unknown }
  const under = startReload(model.script, world.clock, qMode === ignoreErrors)
  session.reloads.set(id, under)
  const success = await under.done
  model.reloading = false
  if (success) {
    model.loadedAt = toWireDate(world.clock.now())
    tell(model, { kind: 'data' })
  }
  return success
}

function appLayout(call: QixCall): Outs {
  const { model, noData } = appOf(call)
  const { record } = model
  const loaded = lastReload(record.lastReloadTime)
  return {
    qTitle: record.name,
    qFileName: record.id,
    qLastReloadTime: model.loadedAt > loaded ? model.loadedAt : loaded,
    qModified: model.loadedAt > loaded,
    qHasScript: model.script !== '',
    qHasData: !noData && model.tables.length > 0,
    qReadOnly: false,
    qIsOpenedWithoutData: noData,
    qIsSessionApp: false,
    qStateNames: ['$'],
    qMeta: {
      createdDate: record.createdDate,
      modifiedDate: record.modifiedDate,
      published: record.published,
      description: record.description,
    },
    qLocaleInfo: { qDecimalSep: '.', qThousandSep: ',', qListSep: ';', qDateFmt: 'YYYY-MM-DD', qTimeFmt: 'hh:mm:ss', qFirstWeekDay: 0 },
    qThumbnail: { qUrl: record.thumbnail },
    qUnsupportedFeatures: [],
  }
}
