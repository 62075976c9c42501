import type { Clock } from '@butlerkit/core'
import type { AppModel, JsonObject } from './app-model.js'
import type { Handle, OpenApp, SessionState } from './session.js'

/** What methods work with beside the session. */
export interface EngineWorld {
  readonly clock: Clock
  /** All apps, by id. */
  apps(): readonly AppModel[]
  /** An app by its id, in either case. */
  findApp(id: string): AppModel | undefined
  readonly guid: () => string
  readonly nodeName: string
}

/** One call of a method. */
export interface QixCall {
  readonly world: EngineWorld
  readonly session: SessionState
  /** What the method is called on. */
  readonly target: Handle
  /** Id of the request. */
  readonly id: number
  /** By name, however they were sent. */
  readonly params: Readonly<Record<string, unknown>>
}

/** The values a method gives, by name. */
export type Outs = JsonObject

/** A method of the engine. */
export interface QixMethod {
  /** Names of the parameters, in order. */
  readonly params: readonly string[]
  /** Served while a reload of the same session is under way. @defaultValue false */
  readonly urgent?: boolean
  /** @throws `QixError` */
  run(call: QixCall): Outs | Promise<Outs>
}

/** The methods of one type of handle, by name. */
export type QixMethods = Readonly<Record<string, QixMethod>>

/** `qReturn` for something that has a handle; for what does not exist, a reply that is no error. */
export function toReturn(handle: Handle | undefined): Outs {
  if (handle === undefined) return { qReturn: { qType: null, qHandle: null } }
  return { qReturn: { qType: handle.type, qHandle: handle.handle, qGenericType: handle.genericType, qGenericId: handle.id } }
}

/** The app a method on an app's handle or below works with. */
export function appOf({ session }: Pick<QixCall, 'session'>): OpenApp {
  if (session.app === undefined) throw new TypeError('a handle without an app')
  return session.app
}

/** A parameter that is text. */
export function text(params: QixCall['params'], name: string): string {
  const value = params[name]
  return typeof value === 'string' ? value : ''
}
