import type { Store } from '../store/records.js'
import { boxed, json, Refusal, type Answer } from '../http/answer.js'
import { compileFilter } from './filter/filter.js'
import type { Query } from './gate.js'
import type { TypeName, View } from './model.js'
import { compileOrder } from './order.js'
import type { Route } from './routes.js'
import { toView } from './views.js'

interface Resource {
  /** Path below `/qrs`. */
  readonly path: string
  readonly type: TypeName
  readonly records: ReadonlyMap<string, unknown>
  /** How an entity looks by itself and in a full list. @defaultValue as `type` */
  readonly fullType?: TypeName
  /** `/task` has only its lists. @defaultValue false */
  readonly listsOnly?: boolean
}

/** The calls that are the same for every kind of entity: list, full list, count and one by its id. */
export function entityRoutes(store: Store): readonly Route[] {
  const resources: readonly Resource[] = [
    { path: '/app', type: 'App', records: store.apps },
    { path: '/stream', type: 'Stream', records: store.streams },
    { path: '/tag', type: 'Tag', records: store.tags },
    { path: '/custompropertydefinition', type: 'CustomPropertyDefinition', records: store.customProperties },
    { path: '/reloadtask', type: 'ReloadTask', records: store.reloadTasks },
    { path: '/task', type: 'Task', fullType: 'ReloadTask', records: store.reloadTasks, listsOnly: true },
    { path: '/executionresult', type: 'ExecutionResult', records: store.executionResults },
    { path: '/executionsession', type: 'ExecutionSession', records: store.executionSessions },
  ]
  return resources.flatMap(routesOf)
}

function routesOf({ path, type, records, fullType = type, listsOnly = false }: Resource): readonly Route[] {
  const lists: readonly Route[] = [
    { method: 'GET', path, answer: ({ query }) => list(type, 'condensed', select(type, records, query)) },
    { method: 'GET', path: `${path}/full`, answer: ({ query }) => list(fullType, 'full', select(type, records, query)) },
  ]
  if (listsOnly) return lists
  return [
    ...lists,
    { method: 'GET', path: `${path}/count`, answer: ({ query }) => boxed(200, select(type, records, query).length) },
    {
      method: 'GET',
      path: `${path}/{id}`,
      answer({ params: { id = '' } }) {
        const record = records.get(id)
        if (record === undefined) throw new Refusal(404, 'Not found')
        return json(200, toView(fullType, 'full', record))
      },
    },
  ]
}

function list(type: TypeName, view: View, records: readonly unknown[]): Answer {
  return json(
    200,
    records.map((record) => toView(type, view, record)),
  )
}

function select(type: TypeName, records: ReadonlyMap<string, unknown>, query: Query): readonly unknown[] {
  const filter = query.get('filter')
  const orderBy = query.get('orderby')
  const all = [...records.values()]
  const selected = filter === undefined || filter === '' ? all : all.filter(compileFilter(type, filter))
  return orderBy === undefined || orderBy === '' ? selected : selected.toSorted(compileOrder(type, orderBy))
}
