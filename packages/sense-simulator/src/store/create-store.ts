import type { WireCustomPropertyValue, WireTag, WireUserCondensed } from '@butlerkit/sense'
import { zeroGuid } from '../guid.js'
import { Status } from '../qrs/enums.js'
import type { RunStep } from '../scheduler/run-script.js'
import { wellKnownStreams } from '../site-schema.js'
import type { AppSeed, Labels, ReloadTaskSeed, SiteSeed } from '../site-seed.js'
import type { AppRecord, ExecutionResultRecord, ReloadTaskRecord, Store } from './records.js'
import { nullDate, toWireDate } from './wire-values.js'

/** What a new store needs beside its data. */
export interface StoreOptions {
  /** Makes ids. */
  readonly guid: () => string
  /** When everything was created, in milliseconds since 1970. */
  readonly now: number
}

const savedInProductVersion = '12.1657.0'

/** Makes the records of a site from its data, which has been checked. */
export function createStore(seed: SiteSeed, { guid, now }: StoreOptions): Store {
  const created = toWireDate(now)
  const owner: WireUserCondensed = {
    id: guid(),
    userId: 'sa_repository',
    userDirectory: 'INTERNAL',
    userDirectoryConnectorName: 'INTERNAL',
    name: 'sa_repository',
    privileges: null,
  }
  const store: Store = {
    streams: new Map(),
    tags: new Map(),
    customProperties: new Map(),
    apps: new Map(),
    reloadTasks: new Map(),
    executionSessions: new Map(),
    executionResults: new Map(),
  }
  const tagsByName = new Map<string, WireTag>()

  for (const name of seed.tags ?? []) toTag(name)
  for (const { id, name } of [...wellKnownStreams, ...(seed.streams ?? [])])
    add(store.streams, { ...entity('Stream', id), privileges: null, customProperties: [], owner, name, tags: [] })
  for (const { id, name, choiceValues, objectTypes = ['App', 'ReloadTask'], description = '' } of seed.customProperties ?? []) {
    const head = entity('CustomPropertyDefinition', id)
    add(store.customProperties, { ...head, privileges: null, name, valueType: 'Text', choiceValues, objectTypes, description })
  }
  for (const app of seed.apps ?? []) add(store.apps, toApp(app))
  for (const task of seed.reloadTasks ?? []) add(store.reloadTasks, toReloadTask(task))
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

  function toApp({ id, name, stream, description = '', fileSize = 139_762, ...labels }: AppSeed): AppRecord {
    return {
      ...entity('App', id),
      ...toLabels(labels),
      privileges: null,
      owner,
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

  function toReloadTask(seeded: ReloadTaskSeed): ReloadTaskRecord {
    const { id, name, app, enabled = true, taskSessionTimeout = 1_440, runs = [], maxRetries = mostRetries(runs), ...labels } = seeded
    const head = entity('ReloadTask', id)
    return {
      ...head,
      ...toLabels(labels),
      privileges: null,
      name,
      taskType: 0,
      enabled,
      taskSessionTimeout,
      maxRetries,
      app: find(store.apps, app),
      isManuallyTriggered: false,
      operational: {
        id: guid(),
        lastExecutionResult: { ...entity('ExecutionResult'), ...neverStarted, taskID: head.id },
        nextExecution: nullDate,
        privileges: null,
      },
      isPartialReload: false,
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

/** What a result says before anything has run. */
export const neverStarted = {
  privileges: null,
  taskID: zeroGuid,
  executionID: zeroGuid,
  appID: zeroGuid,
  executingNodeID: zeroGuid,
  executingNodeName: '',
  status: Status.NeverStarted,
  startTime: nullDate,
  stopTime: nullDate,
  duration: 0,
  fileReferenceID: zeroGuid,
  scriptLogAvailable: false,
  details: [],
  scriptLogLocation: '',
  scriptLogSize: 0,
} as const satisfies Omit<ExecutionResultRecord, 'id' | 'createdDate' | 'modifiedDate' | 'modifiedByUserName' | 'schemaPath'>
