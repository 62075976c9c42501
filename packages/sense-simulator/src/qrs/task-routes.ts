import type { Scheduler } from '../scheduler/scheduler.js'
import type { ReloadTaskRecord, Store } from '../store/records.js'
import { boxed, noContent, Refusal } from '../http/answer.js'
import type { Call, Route } from './routes.js'

/** The calls that start and stop tasks. "Synchronous" waits until there is an execution session, not until the run is over. */
export function taskRoutes({ reloadTasks }: Pick<Store, 'reloadTasks'>, scheduler: Pick<Scheduler, 'start' | 'stop'>): readonly Route[] {
  const startOnly = (find: FindTask) => (call: Call) => {
    scheduler.start(find(call))
    return noContent
  }
  const startSynchronous = (find: FindTask) => (call: Call) => boxed(201, scheduler.start(find(call)))
  return [
    { method: 'POST', path: '/task/{id}/start', answer: startOnly(byId) },
    { method: 'POST', path: '/task/{id}/start/synchronous', answer: startSynchronous(byId) },
    { method: 'POST', path: '/task/start', answer: startOnly(byName) },
    { method: 'POST', path: '/task/start/synchronous', answer: startSynchronous(byName) },
    {
      method: 'POST',
      path: '/task/{id}/stop',
      answer(call) {
        scheduler.stop(byId(call))
        return noContent
      },
    },
  ]

  function byId({ params: { id = '' } }: Call): ReloadTaskRecord {
    const task = reloadTasks.get(id)
    if (task === undefined) throw new Refusal(404, 'Not found')
    return task
  }

  // What a live site does with a name that several tasks have is not known; refusing it shows the caller that names are not enough.
  function byName({ query }: Call): ReloadTaskRecord {
    const name = query.get('name')
    if (name === undefined || name === '') throw new Refusal(400, 'Missing parameter value(s)')
    const [task, ...others] = [...reloadTasks.values()].filter((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
    if (task === undefined) throw new Refusal(404, 'Not found')
    if (others.length > 0) throw new Refusal(400, 'Invalid expression')
    return task
  }
}

type FindTask = (call: Call) => ReloadTaskRecord
