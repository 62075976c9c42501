import type { AppChange, AppModel, AppObject } from './app-model.js'
import { isList } from './layouts.js'
import type { Reload } from './reload.js'

/** The handle of the engine itself. */
export const globalHandle = -1

/** Something a client holds on to. Handles belong to a session, and the same thing always has the same one. */
export interface Handle {
  readonly handle: number
  readonly type: 'Global' | 'Doc' | AppObject['kind']
  readonly id: string
  readonly genericType: string
  /** The object behind it; undefined for the engine and the app. */
  readonly object?: AppObject
}

/** An app in a session. */
export interface OpenApp {
  readonly model: AppModel
  readonly noData: boolean
  readonly handle: Handle
}

/** What a call has changed, by handle, for `change` and `close` in its reply. */
export interface Stale {
  readonly change: readonly number[]
  readonly close: readonly number[]
}

/** What a session is made of, beside its sockets: a user's state in the engine. */
export interface SessionState {
  readonly user: string
  readonly app: OpenApp | undefined
  /** Reloads by the id of the request that began them. */
  readonly reloads: Map<number, Reload>
  find(handle: number): Handle | undefined
  /** Opens an app: its handle is 1. */
  open(model: AppModel, noData: boolean): Handle
  /** The handle of an object of the app, the same each time. */
  hold(object: AppObject): Handle
  /** Forgets an object that only this session has. @returns whether there was one of this id */
  release(id: string): boolean
  /** Objects that only this session has. */
  readonly ownObjects: Map<string, AppObject>
  /** What has become stale since the last time. */
  takeStale(): Stale
  close(): void
}

const engine: Handle = { handle: globalHandle, type: 'Global', id: 'Global', genericType: 'Global' }

/**
 * Makes the state of a session.
 *
 * @param onStale - told when something that this session holds has been changed by another one
 */
export function createSessionState(user: string, onStale: () => void): SessionState {
  const handles = new Map<number, Handle>([[globalHandle, engine]])
  const byObject = new Map<AppObject, Handle>()
  const ownObjects = new Map<string, AppObject>()
  const reloads = new Map<number, Reload>()
  const change = new Set<number>()
  const close = new Set<number>()
  let app: OpenApp | undefined
  let next = 1

  return {
    user,
    get app() {
      return app
    },
    reloads,
    ownObjects,
    find: (handle) => handles.get(handle),
    open(model, noData) {
      const handle = add({ type: 'Doc', id: model.record.id, genericType: '' })
      app = { model, noData, handle }
      model.listeners.add(note)
      return handle
    },
    hold(object) {
      const known = byObject.get(object)
      if (known) return known
      const handle = add({ type: object.kind, id: object.id, genericType: object.type, object })
      byObject.set(object, handle)
      return handle
    },
    release(id) {
      const object = ownObjects.get(id)
      if (object === undefined) return false
      ownObjects.delete(id)
      drop(object)
      return true
    },
    takeStale() {
      const stale = { change: [...change], close: [...close] }
      change.clear()
      close.clear()
      return stale
    },
    close() {
      app?.model.listeners.delete(note)
      for (const reload of reloads.values()) reload.cancel()
    },
  }

  function add(about: Omit<Handle, 'handle'>): Handle {
    const handle = { ...about, handle: next++ }
    handles.set(handle.handle, handle)
    return handle
  }

  function drop(object: AppObject): void {
    const held = byObject.get(object)
    if (held === undefined) return
    close.add(held.handle)
    handles.delete(held.handle)
    byObject.delete(object)
  }

  function note(what: AppChange): void {
    for (const { handle, object, type } of handles.values()) {
      if (type === 'Global') continue
      if (what.kind === 'removed' && object?.id === what.id) {
        drop(object)
      } else if (isStale(what, object)) change.add(handle)
    }
    if (change.size + close.size > 0) onStale()
  }
}

function isStale(what: AppChange, object: AppObject | undefined): boolean {
  if (what.kind === 'data') return true
  if (object === undefined) return what.kind === 'app'
  if (what.kind === 'app') return false
  return what.kind === 'object' && object.id === what.id ? true : isList(object.properties)
}
