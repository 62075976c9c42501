import { describe, expect, it } from 'vitest'
import { taskWire, toTask } from '../tasks/task.js'
import { aboutWire, toAbout } from './about.js'
import { appWire, toApp } from './apps.js'
import { executionWire, sessionWire, toExecutionSession, toExecutionSummary } from './executions.js'
import { reloadTaskWire, toReloadTask } from './reload-tasks.js'
import type { WireApp, WireExecutionResult, WireExecutionSession, WireReloadTask } from './wire.js'

const never = '1753-01-01T00:00:00.000Z'
const noGuid = '00000000-0000-0000-0000-000000000000'
const id = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'
const entity = { id, createdDate: '2026-01-05T08:00:01.120Z', modifiedDate: '2026-01-05T08:00:03.004Z', modifiedByUserName: 'LAB\\ann' }
const none = { privileges: null }

const result: WireExecutionResult = {
  ...entity,
  ...none,
  schemaPath: 'ExecutionResult',
  taskID: id,
  executionID: id,
  appID: id,
  executingNodeID: id,
  executingNodeName: '',
  status: 8,
  startTime: '2026-01-05T08:00:01.300Z',
  stopTime: never,
  duration: 0,
  fileReferenceID: noGuid,
  scriptLogAvailable: false,
  details: [
    { id, detailsType: 2, message: 'second', detailCreatedDate: '2026-01-05T08:00:02.350Z', ...none },
    { id, detailsType: 2, message: 'first', detailCreatedDate: '2026-01-05T08:00:01.350Z', ...none },
  ],
  scriptLogLocation: '',
  scriptLogSize: 0,
}
const app: WireApp = {
  ...entity,
  ...none,
  schemaPath: 'App',
  customProperties: [],
  owner: { id, userId: 'ann', userDirectory: 'LAB', userDirectoryConnectorName: 'LAB', name: 'Ann', ...none },
  name: 'Sales',
  appId: '',
  sourceAppId: noGuid,
  targetAppId: noGuid,
  publishTime: never,
  published: false,
  tags: [],
  description: '',
  stream: null,
  fileSize: 139_762,
  lastReloadTime: never,
  thumbnail: '',
  savedInProductVersion: '12.1657.0',
  migrationHash: '21ec',
  dynamicColor: '',
  availabilityStatus: 1,
}
const task: WireReloadTask = {
  ...entity,
  ...none,
  schemaPath: 'ReloadTask',
  customProperties: [
    {
      ...entity,
      schemaPath: 'CustomPropertyValue',
      value: 'EMEA',
      definition: { id, name: 'Region', valueType: 'Text', choiceValues: ['EMEA'], ...none },
    },
  ],
  app,
  isManuallyTriggered: false,
  isPartialReload: false,
  operational: { id, lastExecutionResult: { ...result, startTime: never }, nextExecution: never, ...none },
  name: 'Reload Sales',
  taskType: 0,
  enabled: true,
  taskSessionTimeout: 1440,
  maxRetries: 0,
  tags: [{ id, name: 'nightly', ...none }],
}

describe('the schemas take what QRS sends', () => {
  it('of an execution result, with its details in order', () => {
    expect(toExecutionSummary(executionWire.parse(result))).toEqual({
      id,
      status: 8,
      startedAt: new Date('2026-01-05T08:00:01.300Z'),
      stoppedAt: undefined,
      durationMs: 0,
      node: undefined,
      details: [
        { at: new Date('2026-01-05T08:00:01.350Z'), message: 'first' },
        { at: new Date('2026-01-05T08:00:02.350Z'), message: 'second' },
      ],
      fileReferenceId: undefined,
    })
  })

  it('of an app, and leave out what is not there', () => {
    expect(toApp(appWire.parse(app))).toMatchObject({
      name: 'Sales',
      owner: { id, directory: 'LAB', userId: 'ann', name: 'Ann' },
      stream: undefined,
      publishTime: undefined,
      lastReloadTime: undefined,
      fileSize: 139_762,
    })
  })

  it('of a task that never ran', () => {
    expect(toReloadTask(reloadTaskWire.parse(task))).toMatchObject({
      name: 'Reload Sales',
      app: { name: 'Sales' },
      lastExecution: undefined,
      nextExecution: undefined,
    })
    expect(toTask(taskWire.parse(task))).toMatchObject({
      id,
      tags: [{ name: 'nightly' }],
      customProperties: [{ name: 'Region', value: 'EMEA' }],
    })
  })

  it('and give nothing on that they do not know', () => {
    const everything = [toApp(app as never), toReloadTask(task as never)]
    expect(JSON.stringify(everything)).not.toContain('privileges')
    expect(JSON.stringify(everything)).not.toContain('schemaPath')
  })

  it('of a session', () => {
    const session = { executionResult: result, abortReason: 1 } as unknown as WireExecutionSession
    expect(toExecutionSession(sessionWire.parse(session))).toEqual({ status: 8, node: undefined, abortReason: 1 })
  })

  it('of older and newer versions, with fields and lists missing and others added', () => {
    expect(toApp(appWire.parse({ id: id.toUpperCase(), name: 'Sales', published: true, brandNew: {} }))).toMatchObject({
      id,
      tags: [],
      description: '',
    })
    expect(toTask(taskWire.parse({ id, name: 'Reload', taskType: 9, tags: null }))).toMatchObject({
      taskType: 9,
      tags: [],
      customProperties: [],
    })
    expect(toExecutionSession(sessionWire.parse({ executionResult: null }))).toEqual({ status: 1, node: undefined, abortReason: 0 })
    expect(toAbout(aboutWire.parse({ buildVersion: '38.22.0.0' }))).toMatchObject({ buildVersion: '38.22.0.0', isCentral: false })
  })
})
