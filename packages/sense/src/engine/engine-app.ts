import type { Clock } from '@butlerkit/core'
import { z } from 'zod'
import { reloadInEngine, type AppReloadOptions, type AppReloadResult } from './app-reload.js'
import { noTimeout, type EngineCallOptions, type EngineConnection } from './connection.js'
import { read } from './engine-error.js'
import type { EnigmaObject } from './enigma.js'
import { hypercubeRows, type HypercubeDefinition, type HypercubeOptions, type HypercubeValue } from './hypercube.js'
import { optional } from '../qrs/fields.js'
import { qlikDate } from './qlik-date.js'

/** What an app says of itself. */
export interface EngineAppLayout {
  readonly title: string
  readonly lastReloadTime: Date | undefined
  readonly hasScript: boolean
  readonly hasData: boolean
  /** Opened without data: expressions, fields and tables come back empty. */
  readonly isOpenedWithoutData: boolean
  readonly isReadOnly: boolean
}

/** One object in an app. */
export interface EngineObjectInfo {
  readonly id: string
  /** Such as `sheet` or `barchart`. */
  readonly type: string
}

/** A data connection of an app. Credentials are not among what the engine gives. */
export interface EngineDataConnection {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly connectionString: string
}

/** An app that is open in a session of its own. Each call throws an {@link EngineError}, or the signal's reason. */
export interface EngineApp {
  readonly id: string
  /** The app as enigma.js has it: any method of the engine, without types and time limits. */
  readonly raw: EnigmaObject
  /** The engine's Global, likewise. */
  readonly rawGlobal: EnigmaObject
  /** Evaluates an expression over the whole app: `Sum(Sales)`. A number where the engine has one, else its text. */
  evaluate(expression: string, options?: EngineCallOptions): Promise<number | string>
  /** Computes a table and gives its rows: dimensions first, then measures. */
  hypercube(definition: HypercubeDefinition, options?: HypercubeOptions): AsyncIterable<readonly HypercubeValue[]>
  layout(options?: EngineCallOptions): Promise<EngineAppLayout>
  script(options?: EngineCallOptions): Promise<string>
  /** Changes the script in this session; `save` keeps it. */
  setScript(script: string, options?: EngineCallOptions): Promise<void>
  /** Ids and types of all objects: the cheap inventory. */
  objects(options?: EngineCallOptions): Promise<EngineObjectInfo[]>
  connections(options?: EngineCallOptions): Promise<EngineDataConnection[]>
  /** Reloads the app in this session: not a task, so no scheduler, retries or script log in the repository. */
  reload(options?: AppReloadOptions): Promise<AppReloadResult>
  save(options?: EngineCallOptions): Promise<void>
  /**
   * Any method of the engine on the app, or on another object of the session, under a time limit.
   *
   * @param method - the engine's name for it, `GetTablesAndKeys`
   * @returns what enigma.js makes of the answer, unchecked
   */
  call(
    method: string,
    params?: readonly unknown[],
    options?: EngineCallOptions & { readonly on?: EnigmaObject | undefined },
  ): Promise<unknown>
}

const dualWire = z.object({
  qText: optional(z.string()),
  qIsNumeric: optional(z.boolean()),
  qNumber: optional(z.union([z.number(), z.string()])),
})
const layoutWire = z.object({
  qTitle: optional(z.string()),
  qLastReloadTime: optional(z.string()),
  qHasScript: optional(z.boolean()),
  qHasData: optional(z.boolean()),
  qIsOpenedWithoutData: optional(z.boolean()),
  qReadOnly: optional(z.boolean()),
})
const infosWire = z.array(z.object({ qId: z.string(), qType: z.string() }))
const connectionsWire = z.array(
  z.object({ qId: optional(z.string()), qName: z.string(), qType: optional(z.string()), qConnectionString: optional(z.string()) }),
)

/** Our form of an open app. */
export function createEngineApp(connection: EngineConnection, doc: EnigmaObject, id: string, clock: Clock): EngineApp {
  const call = <T>(method: string, params: readonly unknown[], options: EngineCallOptions | undefined) =>
    connection.call<T>(doc, method, params, options)
  return {
    id,
    raw: doc,
    rawGlobal: connection.global,
    async evaluate(expression, options) {
      const { qText, qIsNumeric, qNumber } = read(dualWire, await call('EvaluateEx', [expression], options), 'EvaluateEx')
      return qIsNumeric === true && typeof qNumber === 'number' ? qNumber : (qText ?? '')
    },
    hypercube: (definition, options = {}) => hypercubeRows(connection, doc, definition, options),
    async layout(options) {
      const layout = read(layoutWire, await call('GetAppLayout', [], options), 'GetAppLayout')
      return {
        title: layout.qTitle ?? '',
        lastReloadTime: qlikDate(layout.qLastReloadTime),
        hasScript: layout.qHasScript ?? false,
        hasData: layout.qHasData ?? false,
        isOpenedWithoutData: layout.qIsOpenedWithoutData ?? false,
        isReadOnly: layout.qReadOnly ?? false,
      }
    },
    script: async (options) => read(z.string(), await call('GetScript', [], options), 'GetScript'),
    setScript: async (script, options) => void (await call('SetScript', [script], options)),
    async objects(options) {
      const infos = read(infosWire, await call('GetAllInfos', [], options), 'GetAllInfos')
      return infos.map(({ qId, qType }) => ({ id: qId, type: qType }))
    },
    async connections(options) {
      const found = read(connectionsWire, await call('GetConnections', [], options), 'GetConnections')
      return found.map(({ qId, qName, qType, qConnectionString }) => ({
        id: qId ?? '',
        name: qName,
        type: qType ?? '',
        connectionString: qConnectionString ?? '',
      }))
    },
    reload: (options = {}) => reloadInEngine(connection, doc, clock, options),
    save: async (options) => void (await call('DoSave', [], { timeoutMs: noTimeout, ...options })),
    call: (method, params = [], { on = doc, ...options } = {}) => connection.call(on, method, params, options),
  }
}
