import { allTasks, type Store } from '../store/records.js'
import { boxed, json, noContent, Refusal, type Answer } from '../http/answer.js'
import { isTrue, listBody, objectBody } from './body.js'
import { collectionsOf, type Collection } from './collections.js'
import type { Editor } from './editor.js'
import { compileFilter } from './filter/filter.js'
import type { Query } from './gate.js'
import type { TypeName, View } from './entity-type.js'
import { compileOrder } from './order.js'
import type { Call, Route } from './routes.js'
import { tableAnswer } from './table.js'
import { toView } from './views.js'
import { writableTypes } from './writing.js'

/** The calls that are the same for every kind of entity: lists, counts, tables, one by its id, and writing where the type allows it. */
export function entityRoutes(store: Store, editor: Editor, guid: () => string): readonly Route[] {
  const all = () => allTasks(store)
  return [
    ...collectionsOf(store).flatMap((collection) => [...readingRoutes(collection, guid), ...writingRoutes(collection, editor)]),
    { method: 'GET', path: '/task', answer: (call) => list('Task', 'condensed', select('Task', all(), call.query), call) },
    { method: 'GET', path: '/task/full', answer: (call) => list('Task', 'full', select('Task', all(), call.query), call) },
    { method: 'POST', path: '/task/table', answer: (call) => tableAnswer('Task', select('Task', all(), call.query), call, guid) },
    // The hub sees what the caller may see: on this site, everything.
    {
      method: 'GET',
      path: '/app/hublist',
      answer: (call) => list('App', 'condensed', select('App', store.apps.values(), call.query), call),
    },
    {
      method: 'GET',
      path: '/app/hublist/full',
      answer: (call) => list('App', 'full', select('App', store.apps.values(), call.query), call),
    },
  ]
}

function readingRoutes({ path, type, records }: Collection, guid: () => string): readonly Route[] {
  const selected = ({ query }: Call) => select(type, records.values(), query)
  const reading: readonly Route[] = [
    { method: 'GET', path, answer: (call) => list(type, 'condensed', selected(call), call) },
    { method: 'GET', path: `${path}/full`, answer: (call) => list(type, 'full', selected(call), call) },
    { method: 'GET', path: `${path}/count`, answer: (call) => boxed(200, selected(call).length) },
    { method: 'GET', path: `${path}/{id}`, answer: (call) => json(200, one(type, records.get(call.params['id'] ?? ''), call)) },
  ]
  const table: Route = { method: 'POST', path: `${path}/table`, answer: (call) => tableAnswer(type, selected(call), call, guid) }
  return type === 'Stream' || type === 'User' ? reading : [...reading, table]
}

function writingRoutes({ path, type }: Collection, editor: Editor): readonly Route[] {
  const deleting: Route = {
    method: 'DELETE',
    path: `${path}/{id}`,
    answer(call) {
      editor.delete(type, call.params['id'] ?? '')
      return noContent
    },
  }
  // Results are written by the scheduler alone, and deleted by who tidies up.
  if (type === 'ExecutionResult') return [deleting]
  const writable = writableTypes[type]
  if (writable === undefined) return []
  const creating: readonly Route[] = [
    { method: 'POST', path, answer: (call) => json(201, one(type, editor.create(type, objectBody(call), call.user), call)) },
  ]
  const creatingMany: Route = {
    method: 'POST',
    path: `${path}/many`,
    answer: (call) =>
      json(
        201,
        listBody(call).map((body) => one(type, editor.create(type, body, call.user), call)),
      ),
  }
  const changing: readonly Route[] = [
    {
      method: 'PUT',
      path: `${path}/{id}`,
      answer: (call) => json(200, one(type, editor.update(type, call.params['id'] ?? '', objectBody(call), call.user), call)),
    },
    deleting,
  ]
  return [
    ...(writable.create ? creating : []),
    ...(writable.create && type !== 'Stream' && type !== 'User' ? [creatingMany] : []),
    ...changing,
  ]
}

/** A list of entities as QRS answers it. */
export function list(type: TypeName, view: View, records: readonly unknown[], call: Call): Answer {
  return json(
    200,
    records.map((record) => withPrivileges(toView(view === 'full' ? kindOf(type, record) : type, view, record), call)),
  )
}

/** One entity in full. @throws `Refusal` 404 where there is none */
export function one(type: TypeName, record: unknown, call: Call): unknown {
  if (record === undefined) throw new Refusal(404, 'Not found')
  return withPrivileges(toView(type, 'full', record), call)
}

/** The entities a call asks for, in the order it asks for. @throws `Refusal` 400 */
export function select(type: TypeName, records: Iterable<unknown>, query: Query): readonly unknown[] {
  const filter = query.get('filter')
  const orderBy = query.get('orderby')
  const all = [...records]
  const selected = filter === undefined || filter === '' ? all : all.filter(compileFilter(type, filter))
  return orderBy === undefined || orderBy === '' ? selected : selected.toSorted(compileOrder(type, orderBy))
}

// A task among tasks shows the fields of its own kind.
function kindOf(type: TypeName, record: unknown): TypeName {
  return type === 'Task' ? (record as { readonly schemaPath: TypeName }).schemaPath : type
}

// Everyone may do everything here.
function withPrivileges(view: unknown, call: Call): unknown {
  return isTrue(call, 'privileges') ? { ...(view as object), privileges: ['create', 'read', 'update', 'delete'] } : view
}
