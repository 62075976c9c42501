import type { WireCustomPropertyValue, WireTag, WireUser } from '@butlerkit/sense'
import { zeroGuid } from '../guid.js'
import type { RunStep } from '../scheduler/run-script.js'
import { wellKnownStreams } from '../site-schema.js'
import {
  taskSeeds,
  type AppSeed,
  type ExternalProgramTaskSeed,
  type Labels,
  type ReloadTaskSeed,
  type SiteSeed,
  type TaskSeed,
  type TriggerSeed,
  type UserSeed,
  type UserSyncTaskSeed,
} from '../site-seed.js'
import { createChanges } from './changes.js'
import { newOperational, userFields, type NewRecordOptions } from './new-records.js'
import {
  allTasks,
  findTask,
  targetOf,
  type AppRecord,
  type CompositeEventRecord,
  type SchemaEventRecord,
  type Store,
  type TaskRecord,
  type UserDirectoryRecord,
} from './records.js'
import { scheduleFields } from './schedule-fields.js'
import { nullDate, toWireDate } from './wire-values.js'

/** Version of the engine that has saved an app. */
export const savedInProductVersion = '12.1657.0'

/** Qlik's own users, which exist on every site in the directory INTERNAL. */
const serviceUsers = ['repository', 'api', 'scheduler', 'engine', 'proxy', 'printing', 'hub', 'converter', 'reporting']

/** Makes the records of a site from its data, which has been checked. */
export function createStore(seed: SiteSeed, { guid, now }: NewRecordOptions): Store {
  const created = toWireDate(now())
  const store: Store = {
    streams: new Map(),
    tags: new Map(),
    customProperties: new Map(),
    users: new Map(),
    apps: new Map(),
    reloadTasks: new Map(),
    externalProgramTasks: new Map(),
    userSyncTasks: new Map(),
    userDirectories: new Map(),
    schemaEvents: new Map(),
    compositeEvents: new Map(),
    selections: new Map(),
    executionSessions: new Map(),
    executionResults: new Map(),
    changes: createChanges(now),
  }
  const tagsByName = new Map<string, WireTag>()

  const internal = serviceUsers.map((name): UserSeed => ({ directory: 'INTERNAL', id: `sa_${name}` }))
  const [owner] = [...internal, ...(seed.users ?? [])].map((user) => add(store.users, toUser(user)))
  if (owner === undefined) throw new TypeError('no service users')
  for (const name of seed.tags ?? []) toTag(name)
  for (const { id, name } of [...wellKnownStreams, ...(seed.streams ?? [])])
    add(store.streams, { ...entity('Stream', id), privileges: null, customProperties: [], owner, name, tags: [] })
  for (const { id, name, choiceValues, objectTypes = ['App', 'ReloadTask'], description = '' } of seed.customProperties ?? []) {
    const head = entity('CustomPropertyDefinition', id)
    add(store.customProperties, { ...head, privileges: null, name, valueType: 'Text', choiceValues, objectTypes, description })
  }
  for (const app of seed.apps ?? []) add(store.apps, toApp(app, owner))
  for (const task of seed.reloadTasks ?? []) addReloadTask(task)
  for (const task of seed.externalProgramTasks ?? []) addExternalProgramTask(task)
  for (const task of seed.userSyncTasks ?? []) addUserSyncTask(task)
  // Triggers name tasks, so all tasks come first, and they keep the seed's order.
  const seeds = taskSeeds(seed)
  for (const [index, task] of allTasks(store).entries()) for (const trigger of seeds[index]?.triggers ?? []) addTrigger(task, trigger)
  return store

  function entity(schemaPath: string, id: string = guid()) {
    return {
      id: id.toLowerCase(),
      createdDate: created,
      modifiedDate: created,
      modifiedByUserName: 'INTERNAL\\sa_repository',
      schemaPath,
    }
  }

  function toUser({ directory, id, name = id, inactive = false }: UserSeed): WireUser {
    return { ...entity('User'), ...userFields(directory, id, name), inactive }
  }

  function toApp({ id, name, stream, description = '', fileSize = 139_762, ...labels }: AppSeed, by: WireUser): AppRecord {
    return {
      ...entity('App', id),
      ...toLabels(labels),
      privileges: null,
      owner: by,
      name,
      appId: '',
      sourceAppId: zeroGuid,
      targetAppId: zeroGuid,
      publishTime: stream === undefined ? nullDate : created,
      published: stream !== undefined,
      description,
      stream: stream === undefined ? null : find(store.streams, stream),
      fileSize,
      lastReloadTime: nullDate,
      thumbnail: '',
      savedInProductVersion,
      migrationHash: guid().replaceAll('-', ''),
      dynamicColor: '',
      availabilityStatus: 1,
    }
  }

  function addReloadTask({ app, ...seeded }: ReloadTaskSeed): void {
    const head = entity('ReloadTask', seeded.id)
    const common = taskHead(seeded, head.id)
    add(store.reloadTasks, {
      ...head,
      ...common,
      taskType: 0,
      app: find(store.apps, app),
      isManuallyTriggered: false,
      isPartialReload: false,
    })
  }

  function addExternalProgramTask({ path, parameters = '', ...seeded }: ExternalProgramTaskSeed): void {
    const head = entity('ExternalProgramTask', seeded.id)
    add(store.externalProgramTasks, { ...head, ...taskHead(seeded, head.id), taskType: 1, path, parameters, qlikUser: null })
  }

  function addUserSyncTask({ userDirectory, ...seeded }: UserSyncTaskSeed): void {
    const head = entity('UserSyncTask', seeded.id)
    add(store.userSyncTasks, { ...head, ...taskHead(seeded, head.id), taskType: 2, userDirectory: toUserDirectory(userDirectory) })
  }

  function toUserDirectory(name: string): UserDirectoryRecord {
    const known = [...store.userDirectories.values()].find((directory) => directory.name === name)
    if (known !== undefined) return known
    return add(store.userDirectories, {
      ...entity('UserDirectory'),
      privileges: null,
      name,
      type: 'Repository.UserDirectoryConnectors.LDAP.GenericLDAP',
      userDirectoryName: name,
      configured: true,
      operational: true,
      syncOnlyLoggedInUsers: true,
      syncStatus: 0,
      syncLastStarted: nullDate,
      syncLastSuccessfulEnded: nullDate,
      configuredError: '',
      operationalError: '',
      tags: [],
      creationType: 1,
      settings: [],
    })
  }

  function taskHead(
    { name, enabled = true, taskSessionTimeout = 1_440, runs = [], maxRetries = mostRetries(runs), ...labels }: TaskSeed,
    id: string,
  ) {
    return {
      ...toLabels(labels),
      privileges: null,
      name,
      enabled,
      taskSessionTimeout,
      maxRetries,
      operational: newOperational(id, { guid, now }),
    }
  }

  function toLabels({ tags = [], customProperties = {} }: Labels) {
    const values = Object.entries(customProperties).flatMap(([name, chosen]) => {
      const definition = find(store.customProperties, name)
      return chosen.map((value): WireCustomPropertyValue => ({ ...entity('CustomPropertyValue'), value, definition }))
    })
    return { tags: tags.map(toTag), customProperties: values }
  }

  function toTag(name: string): WireTag {
    const known = tagsByName.get(name)
    if (known !== undefined) return known
    const tag: WireTag = { ...entity('Tag'), privileges: null, name }
    tagsByName.set(name, tag)
    return add(store.tags, tag)
  }

  function addTrigger(task: TaskRecord, trigger: TriggerSeed): void {
    const { enabled = true, name = `Trigger of ${task.name}` } = trigger
    const head = { privileges: null, name, enabled, ...targetOf(task) }
    if ('after' in trigger) {
      const rules = trigger.after.map(({ task: after, on = 'success' }) => ({
        id: guid(),
        ruleState: on === 'success' ? 1 : 2,
        ...targetOf(findByName(after)),
      }))
      const event: CompositeEventRecord = {
        ...entity('CompositeEvent'),
        ...head,
        eventType: 1,
        timeConstraint: { days: 0, hours: 0, minutes: 0, seconds: 0 },
        compositeRules: rules,
        operational: { id: guid(), timesTriggered: 0, privileges: null },
      }
      return void add(store.compositeEvents, event)
    }
    const event: SchemaEventRecord = {
      ...entity('SchemaEvent'),
      ...head,
      eventType: 0,
      ...scheduleFields(trigger),
      operational: { id: guid(), nextExecution: nullDate, timesTriggered: 0, privileges: null },
    }
    add(store.schemaEvents, event)
  }

  function findByName(nameOrId: string): TaskRecord {
    return findTask(store, nameOrId.toLowerCase()) ?? find(new Map(allTasks(store).map((task) => [task.id, task])), nameOrId)
  }
}

function add<Entity extends { readonly id: string }>(to: Map<string, Entity>, record: Entity): Entity {
  to.set(record.id, record)
  return record
}

function find<Entity extends { readonly id: string; readonly name: string }>(among: ReadonlyMap<string, Entity>, nameOrId: string): Entity {
  const byId = among.get(nameOrId.toLowerCase())
  const found = byId ?? [...among.values()].find(({ name }) => name === nameOrId)
  if (found === undefined) throw new TypeError(`Seed not checked: no '${nameOrId}'`)
  return found
}

function mostRetries(runs: readonly (readonly RunStep[])[]): number {
  return Math.max(0, ...runs.map((steps) => steps.filter((step) => step === 'retry').length))
}
