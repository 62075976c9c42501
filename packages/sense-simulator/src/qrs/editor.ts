import type { WireCustomPropertyValue, WireTagCondensed } from '@butlerkit/sense'
import { isGuid, zeroGuid } from '../guid.js'
import { Refusal } from '../http/answer.js'
import type { Scheduler } from '../scheduler/scheduler.js'
import type { Triggers } from '../scheduler/triggers.js'
import { newOperational } from '../store/new-records.js'
import { allTasks, taskOf, type CompositeEventRecord, type SchemaEventRecord, type Store, type TaskRecord } from '../store/records.js'
import { nullDate, toWireDate } from '../store/wire-values.js'
import { idOf, type Draft } from './body.js'
import { collectionsOf } from './collections.js'
import { enums } from './enums.js'
import type { TypeName } from './entity-type.js'
import { readDraft } from './read-draft.js'

/** What an editor works with. */
export interface EditorOptions {
  readonly store: Store
  readonly scheduler: Scheduler
  readonly triggers: Triggers
  readonly guid: () => string
  readonly now: () => number
}

/** Any entity as the site keeps it. */
export type AnyRecord = { readonly id: string; modifiedDate: string } & Record<string, unknown>

/** Adds, changes and deletes entities, with all that follows from it. */
export interface Editor {
  /** @throws `Refusal` 400 */
  create(type: TypeName, body: Draft, user: string): AnyRecord
  /** @throws `Refusal` 400, 404, 409 when the body's `modifiedDate` is not the newest */
  update(type: TypeName, id: string, body: Draft, user: string): AnyRecord
  /** @throws `Refusal` 404 */
  delete(type: TypeName, id: string): void
  /** The head of a new entity. */
  head(
    type: TypeName,
    user: string,
  ): { id: string; createdDate: string; modifiedDate: string; modifiedByUserName: string; schemaPath: string }
  /** Writes fields of an entity, and when and by whom. */
  change(
    type: TypeName,
    record: { readonly id: string; modifiedDate: string },
    fields: Readonly<Record<string, unknown>>,
    user: string,
  ): void
}

/** Makes an {@link Editor}. */
export function createEditor({ store, scheduler, triggers, guid, now }: EditorOptions): Editor {
  const collections = new Map(collectionsOf(store).map(({ type, records }) => [type, records as Map<string, AnyRecord>]))
  const recordsOf = (type: TypeName) => collections.get(type) ?? new Map<string, AnyRecord>()
  const reader = (user: string) => ({
    find: (type: TypeName, id: string) => recordsOf(type).get(id),
    head: (type: TypeName) => head(type, user),
  })

  return { create, update, delete: remove, head, change }

  function create(type: TypeName, body: Draft, user: string): AnyRecord {
    const fields = readDraft(type, body, undefined, reader(user))
    const entity = head(type, user)
    const wanted = idOf(body)
    if (isGuid(wanted) && wanted !== zeroGuid && !recordsOf(type).has(wanted)) entity.id = wanted
    const record: AnyRecord = { ...entity, privileges: null, ...siteFields(type, entity.id, user), ...fields }
    recordsOf(type).set(record.id, record)
    store.changes.added(type, record)
    settle(type, record)
    return record
  }

  function update(type: TypeName, id: string, body: Draft, user: string): AnyRecord {
    const record = recordsOf(type).get(id)
    if (record === undefined) throw new Refusal(404, 'Not found')
    if (idOf(body) !== id) throw new Refusal(400, 'Invalid property: id')
    const modified = Date.parse(String(body['modifiedDate']))
    if (Number.isNaN(modified) || modified < Date.parse(record.modifiedDate))
      throw new Refusal(409, 'Conflict: the object has been modified')
    change(type, record, readDraft(type, body, record, reader(user)), user)
    settle(type, record)
    return record
  }

  function change(
    type: TypeName,
    record: { readonly id: string; modifiedDate: string },
    fields: Readonly<Record<string, unknown>>,
    user: string,
  ): void {
    const before = record as unknown as Record<string, unknown>
    const names = Object.keys(fields).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(fields[name]))
    // A change at the same moment is still later, or a stale copy would pass for the newest.
    const modifiedDate = toWireDate(Math.max(now(), Date.parse(record.modifiedDate) + 1))
    Object.assign(record, fields, { modifiedDate, modifiedByUserName: user })
    store.changes.updated(type, record, [...names, 'modifiedDate'])
  }

  function remove(type: TypeName, id: string): void {
    const records = recordsOf(type)
    const record = records.get(id)
    if (record === undefined) throw new Refusal(404, 'Not found')
    records.delete(id)
    store.changes.deleted(type, record)
    if (type === 'Tag') for (const owner of labelled()) owner.tags = owner.tags.filter((tag) => tag.id !== id)
    if (type === 'CustomPropertyDefinition')
      for (const owner of labelled()) owner.customProperties = owner.customProperties.filter(({ definition }) => definition.id !== id)
    if (type === 'App') for (const task of store.reloadTasks.values()) if (task.app.id === id) remove('ReloadTask', task.id)
    if (type === 'ReloadTask' || type === 'ExternalProgramTask' || type === 'UserSyncTask') removeTask(record as unknown as TaskRecord)
    if (type === 'ExecutionResult') scheduler.scriptLogs.remove(id)
    if (type === 'SchemaEvent' || type === 'CompositeEvent') triggers.remove(record as unknown as SchemaEventRecord | CompositeEventRecord)
  }

  function removeTask(task: TaskRecord): void {
    scheduler.forget(task)
    for (const [type, events] of [
      ['SchemaEvent', store.schemaEvents],
      ['CompositeEvent', store.compositeEvents],
    ] as const)
      for (const event of events.values()) if (taskOf(event) === task) remove(type, event.id)
    for (const event of store.compositeEvents.values()) event.compositeRules = event.compositeRules.filter((rule) => taskOf(rule) !== task)
  }

  function labelled(): readonly { tags: readonly WireTagCondensed[]; customProperties: readonly WireCustomPropertyValue[] }[] {
    return [...store.apps.values(), ...allTasks(store), ...store.streams.values(), ...store.users.values()]
  }

  function settle(type: TypeName, record: AnyRecord): void {
    if (type === 'SchemaEvent') triggers.reschedule(record as unknown as SchemaEventRecord)
  }

  function head(type: TypeName, user: string) {
    const created = toWireDate(now())
    return { id: guid(), createdDate: created, modifiedDate: created, modifiedByUserName: user, schemaPath: type }
  }

  /** What only the site itself writes. */
  function siteFields(type: TypeName, id: string, user: string): Record<string, unknown> {
    const operational = () => ({ operational: newOperational(id, { guid, now }) })
    const trigger = (more: object) => ({ operational: { id: guid(), timesTriggered: 0, privileges: null, ...more } })
    const fields: Partial<Record<TypeName, () => Record<string, unknown>>> = {
      Stream: () => ({ owner: userRecord(user) }),
      User: () => ({
        userDirectoryConnectorName: '',
        attributes: [],
        removedExternally: false,
        blacklisted: false,
        deleteProhibited: false,
      }),
      ReloadTask: () => ({ taskType: enums['Task.taskType'].Reload, ...operational() }),
      ExternalProgramTask: () => ({ taskType: enums['Task.taskType'].ExternalProgram, ...operational() }),
      UserSyncTask: () => ({ taskType: enums['Task.taskType'].UserSync, ...operational() }),
      SchemaEvent: () => ({ eventType: 0, ...trigger({ nextExecution: nullDate }) }),
      CompositeEvent: () => ({ eventType: 1, ...trigger({}) }),
    }
    return fields[type]?.() ?? {}
  }

  function userRecord(user: string): unknown {
    return [...store.users.values()].find(({ userDirectory, userId }) => `${userDirectory}\\${userId}` === user)
  }
}
