import type { WireAppExport } from '@butlerkit/sense'
import type { AppShelf } from '../engine/app-shelf.js'
import { zeroGuid } from '../guid.js'
import { json, noContent, Refusal } from '../http/answer.js'
import type { Scheduler } from '../scheduler/scheduler.js'
import { savedInProductVersion } from '../store/create-store.js'
import { newOperational } from '../store/new-records.js'
import type { AppRecord, ReloadTaskRecord, Store } from '../store/records.js'
import { nullDate, toWireDate } from '../store/wire-values.js'
import type { AppFiles } from './app-files.js'
import { isTrue, jsonBody, required } from './body.js'
import type { Editor } from './editor.js'
import { one } from './entity-routes.js'
import type { Call, Route } from './routes.js'
import type { TemporaryContent } from './temporary-content.js'

/** What the routes of apps work with. */
export interface AppRoutesOptions {
  readonly store: Store
  readonly shelf: AppShelf
  readonly files: AppFiles
  readonly temporary: TemporaryContent
  readonly editor: Editor
  readonly scheduler: Pick<Scheduler, 'start'>
  readonly nodeId: string
  readonly guid: () => string
  readonly now: () => number
}

/** What can be done to an app as a whole. */
export function appRoutes({ store, shelf, files, temporary, editor, scheduler, nodeId, guid, now }: AppRoutesOptions): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/app/{id}/copy',
      answer(call) {
        const source = find(call)
        const copy = add({ name: call.query.get('name') ?? `${source.name}(1)`, description: source.description }, call.user)
        copy.fileSize = source.fileSize
        copy.lastReloadTime = source.lastReloadTime
        copy.tags = source.tags
        if (isTrue(call, 'includecustomproperties')) copy.customProperties = source.customProperties
        shelf.put(copy.id, shelf.contentOf(source.id))
        return json(201, one('App', copy, call))
      },
    },
    {
      method: 'PUT',
      path: '/app/{id}/publish',
      answer(call) {
        const app = find(call)
        const stream = store.streams.get(required(call, 'stream').toLowerCase())
        if (stream === undefined) throw new Refusal(404, 'Not found')
        const publishTime = toWireDate(now())
        editor.change('App', app, { stream, published: true, publishTime, name: call.query.get('name') ?? app.name }, call.user)
        return json(200, one('App', app, call))
      },
    },
    {
      method: 'PUT',
      path: '/app/{id}/replace',
      answer(call) {
        const source = find(call)
        const target = find({ ...call, params: { id: required(call, 'app').toLowerCase() } })
        shelf.put(target.id, shelf.contentOf(source.id) ?? {})
        editor.change(
          'App',
          target,
          { fileSize: source.fileSize, lastReloadTime: source.lastReloadTime, sourceAppId: source.id },
          call.user,
        )
        return json(200, one('App', target, call))
      },
    },
    {
      method: 'POST',
      path: '/app/{id}/reload',
      answer(call) {
        scheduler.start(manualTask(find(call), call.user))
        return noContent
      },
    },
    ...fileRoutes('/app/upload', upload),
    ...fileRoutes('/app/import', imported),
    {
      method: 'POST',
      path: '/app/{id}/export/{token}',
      answer(call) {
        const app = find(call)
        const path = temporary.put(files.read(app, isTrue(call, 'skipdata')), `${app.name}.qvf`, call.user)
        return json(201, exported(app, call, `${path}?serverNodeId=${nodeId}`, false))
      },
    },
    {
      method: 'DELETE',
      path: '/app/{id}/export/{token}',
      answer: (call) => json(200, exported(find(call), call, '', true)),
    },
  ]

  /** A new app, or the content of one, out of a file. */
  function fileRoutes(path: string, fileOf: (call: Call) => Buffer): readonly Route[] {
    return [
      {
        method: 'POST',
        path,
        answer(call) {
          const file = fileOf(call)
          const app = add({ name: required(call, 'name'), description: '' }, call.user)
          files.write(app, file)
          return json(201, one('App', app, call))
        },
      },
      {
        method: 'POST',
        path: `${path}/replace`,
        answer(call) {
          const app = find({ ...call, params: { id: required(call, 'targetappid').toLowerCase() } })
          files.write(app, fileOf(call))
          editor.change('App', app, {}, call.user)
          return json(201, one('App', app, call))
        },
      },
    ]
  }

  // The body is the file's path on the node. What a live site says of one that is not there is not known.
  function imported(call: Call): Buffer {
    const path = jsonBody(call)
    const file = typeof path === 'string' ? files.toImport(path) : undefined
    if (file === undefined) throw new Refusal(400, 'Invalid file')
    return file
  }

  function find({ params: { id = '' } }: Pick<Call, 'params'>): AppRecord {
    const app = store.apps.get(id)
    if (app === undefined) throw new Refusal(404, 'Not found')
    return app
  }

  function add(fields: Pick<AppRecord, 'name' | 'description'>, user: string): AppRecord {
    const [owner] = [...store.users.values()].filter(({ userDirectory, userId }) => `${userDirectory}\\${userId}` === user)
    if (owner === undefined) throw new Refusal(403, 'Access denied')
    const app: AppRecord = {
      ...editor.head('App', user),
      customProperties: [],
      tags: [],
      privileges: null,
      owner,
      ...fields,
      appId: '',
      sourceAppId: zeroGuid,
      targetAppId: zeroGuid,
      publishTime: nullDate,
      published: false,
      stream: null,
      fileSize: 0,
      lastReloadTime: nullDate,
      thumbnail: '',
      savedInProductVersion,
      migrationHash: guid().replaceAll('-', ''),
      dynamicColor: '',
      availabilityStatus: 1,
    }
    store.apps.set(app.id, app)
    store.changes.added('App', app)
    return app
  }

  /** The task by which an app is reloaded by hand, made when it is first needed. */
  function manualTask(app: AppRecord, user: string): ReloadTaskRecord {
    const known = [...store.reloadTasks.values()].find((task) => task.app === app && task.isManuallyTriggered)
    if (known) return known
    const head = editor.head('ReloadTask', user)
    const task: ReloadTaskRecord = {
      ...head,
      customProperties: [],
      tags: [],
      privileges: null,
      name: `Manually triggered reload of ${app.name}`,
      taskType: 0,
      enabled: true,
      taskSessionTimeout: 1_440,
      maxRetries: 0,
      app,
      isManuallyTriggered: true,
      isPartialReload: false,
      operational: newOperational(head.id, { guid, now }),
    }
    store.reloadTasks.set(task.id, task)
    store.changes.added('ReloadTask', task)
    return task
  }
}

function upload({ headers, body }: Call): Buffer {
  if (!/^application\/(?:vnd\.qlik\.sense\.app|octet-stream)\b/i.test(headers['content-type'] ?? ''))
    throw new Refusal(415, 'Unsupported media type')
  if (body.length === 0) throw new Refusal(400, 'Invalid file')
  return body
}

function exported(app: AppRecord, { params: { token = '' } }: Call, downloadPath: string, cancelled: boolean): WireAppExport {
  return { exportToken: token, appId: app.id, downloadPath, cancelled, schemaPath: 'AppExportResponse' }
}
