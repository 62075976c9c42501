import { isGuid } from '../guid.js'
import { boxed, json, noContent, Refusal } from '../http/answer.js'
import type { Scheduler } from '../scheduler/scheduler.js'
import { newOperational } from '../store/new-records.js'
import { addTask, allTasks, findTask, type Store, type TaskRecord } from '../store/records.js'
import { idOf, isTrue, jsonBody, objectBody, required, toDraft, type Draft } from './body.js'
import type { Editor } from './editor.js'
import { one } from './entity-routes.js'
import type { TypeName } from './entity-type.js'
import type { Call, Route } from './routes.js'

/** What the routes of tasks work with. */
export interface TaskRoutesOptions {
  readonly store: Store
  readonly scheduler: Pick<Scheduler, 'start' | 'stop'>
  readonly editor: Editor
  readonly guid: () => string
  readonly now: () => number
}

/** The calls that start, stop, copy and bundle tasks. "Synchronous" waits until there is an execution session, not until the run is over. */
export function taskRoutes({ store, scheduler, editor, guid, now }: TaskRoutesOptions): readonly Route[] {
  const startOnly = (find: FindTask) => (call: Call) => {
    scheduler.start(find(call))
    return noContent
  }
  const startSynchronous = (find: FindTask) => (call: Call) => boxed(201, scheduler.start(find(call)))
  const forMany = (act: (task: TaskRecord) => void) => (call: Call) => {
    for (const task of tasksOf(call)) act(task)
    return noContent
  }
  return [
    { method: 'POST', path: '/task/{id}/start', answer: startOnly(byId) },
    { method: 'POST', path: '/task/{id}/start/synchronous', answer: startSynchronous(byId) },
    { method: 'POST', path: '/task/start', answer: startOnly(byName) },
    { method: 'POST', path: '/task/start/synchronous', answer: startSynchronous(byName) },
    { method: 'POST', path: '/task/start/many', answer: forMany((task) => void scheduler.start(task)) },
    { method: 'POST', path: '/task/stop/many', answer: forMany((task) => scheduler.stop(task)) },
    {
      method: 'POST',
      path: '/task/{id}/stop',
      answer(call) {
        scheduler.stop(byId(call))
        return noContent
      },
    },
    {
      method: 'POST',
      path: '/task/{id}/copy',
      answer(call) {
        const copy = copyOf(byId(call), call)
        return json(201, one(copy.schemaPath as TypeName, copy, call))
      },
    },
    ...bundleRoutes('ReloadTask', '/reloadtask', 'reloadTask'),
    ...bundleRoutes('ExternalProgramTask', '/externalprogramtask', 'externalProgramTask'),
  ]

  function byId({ params: { id = '' } }: Call): TaskRecord {
    const task = findTask(store, id)
    if (task === undefined) throw new Refusal(404, 'Not found')
    return task
  }

  // What a live site does with a name that several tasks have is not known; refusing it shows the caller that names are not enough.
  function byName(call: Call): TaskRecord {
    const name = required(call, 'name')
    const [task, ...others] = allTasks(store).filter((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
    if (task === undefined) throw new Refusal(404, 'Not found')
    if (others.length > 0) throw new Refusal(400, 'Invalid expression')
    return task
  }

  function tasksOf(call: Call): readonly TaskRecord[] {
    const ids = jsonBody(call)
    if (!Array.isArray(ids) || !ids.every((id): id is string => typeof id === 'string' && isGuid(id)))
      throw new Refusal(400, 'Invalid JSON')
    return ids.map((id) => byId({ ...call, params: { id: id.toLowerCase() } }))
  }

  function copyOf(task: TaskRecord, call: Call): TaskRecord {
    const type = task.schemaPath as TypeName
    const head = editor.head(type, call.user)
    const copy = {
      ...task,
      ...head,
      name: call.query.get('name') ?? `${task.name} (copy)`,
      tags: isTrue(call, 'includetags') ? task.tags : [],
      customProperties: isTrue(call, 'includecustomproperties') ? task.customProperties : [],
      operational: newOperational(head.id, { guid, now }),
    }
    addTask(store, copy)
    store.changes.added(type, copy)
    return copy
  }

  /** A task and its triggers in one call. */
  function bundleRoutes(type: TypeName, path: string, field: 'reloadTask' | 'externalProgramTask'): readonly Route[] {
    return [
      {
        method: 'POST',
        path: `${path}/create`,
        answer(call) {
          const bundle = objectBody(call)
          const task = editor.create(type, toDraft(bundle['task']), call.user)
          addTriggers(bundle, field, task.id, call.user)
          return json(201, one(type, task, call))
        },
      },
      {
        method: 'POST',
        path: `${path}/update`,
        answer(call) {
          const bundle = objectBody(call)
          const draft = toDraft(bundle['task'])
          const task = editor.update(type, idOf(draft), draft, call.user)
          for (const event of drafts(bundle['compositeEventsToDelete'])) editor.delete('CompositeEvent', idOf(event))
          for (const event of drafts(bundle['schemaEventsToDelete'])) editor.delete('SchemaEvent', idOf(event))
          addTriggers(bundle, field, task.id, call.user)
          return json(201, one(type, task, call))
        },
      },
    ]
  }

  // A trigger that is there already is changed, another one added.
  function addTriggers(bundle: Draft, field: string, taskId: string, user: string): void {
    for (const [type, name, known] of [
      ['CompositeEvent', 'compositeEvents', store.compositeEvents],
      ['SchemaEvent', 'schemaEvents', store.schemaEvents],
    ] as const)
      for (const draft of drafts(bundle[name])) {
        const event = { ...draft, [field]: { id: taskId } }
        const id = idOf(draft)
        if (known.has(id)) editor.update(type, id, event, user)
        else editor.create(type, event, user)
      }
  }
}

function drafts(value: unknown): readonly Draft[] {
  return Array.isArray(value) ? value.map((element) => (typeof element === 'string' ? { id: element } : toDraft(element))) : []
}

type FindTask = (call: Call) => TaskRecord
