import type { WireSelection } from '@butlerkit/sense'
import { boxed, json, noContent, Refusal } from '../http/answer.js'
import { taskOf, type CompositeEventRecord, type SchemaEventRecord, type Store } from '../store/records.js'
import { objectBody, toDraft, type Draft } from './body.js'
import { collectionsOf, type Collection } from './collections.js'
import type { Editor } from './editor.js'
import { list, select } from './entity-routes.js'
import type { View } from './entity-type.js'
import type { Call, Route } from './routes.js'
import { toView } from './views.js'
import { writableTypes } from './writing.js'

/** Selections: a set of entities found by a filter, to be looked at, counted or deleted together. */
export function selectionRoutes(store: Store, editor: Editor, guid: () => string): readonly Route[] {
  const collections = collectionsOf(store).filter(({ type }) => writableTypes[type] !== undefined)
  return [
    ...collections.flatMap((collection) => routesOf(collection, store, editor, guid)),
    {
      method: 'POST',
      path: '/selection',
      answer(call) {
        const { items = [] } = objectBody(call)
        if (!Array.isArray(items)) throw new Refusal(400, 'Invalid property: items')
        return json(
          201,
          add(
            store,
            editor,
            call,
            items.map((item) => toItem(collections, toDraft(item), guid)),
          ),
        )
      },
    },
    { method: 'GET', path: '/selection/{id}/event', answer: (call) => json(200, eventsOf(store, find(store, call), 'condensed')) },
    { method: 'GET', path: '/selection/{id}/event/full', answer: (call) => json(200, eventsOf(store, find(store, call), 'full')) },
    {
      method: 'DELETE',
      path: '/selection/{id}',
      answer(call) {
        store.selections.delete(find(store, call).id)
        return noContent
      },
    },
  ]
}

function routesOf({ path, type, records }: Collection, store: Store, editor: Editor, guid: () => string): readonly Route[] {
  const selected = (call: Call) => find(store, call).items.flatMap(({ objectID }) => records.get(objectID) ?? [])
  return [
    {
      method: 'POST',
      path: `/selection${path}`,
      answer(call) {
        const found = select(type, records.values(), call.query) as readonly { readonly id: string; readonly name?: string }[]
        const items = found.map(({ id, name = '' }) => ({ id: guid(), type, objectID: id, objectName: name }))
        return json(201, add(store, editor, call, items))
      },
    },
    { method: 'GET', path: `/selection/{id}${path}`, answer: (call) => list(type, 'condensed', selected(call), call) },
    { method: 'GET', path: `/selection/{id}${path}/full`, answer: (call) => list(type, 'full', selected(call), call) },
    { method: 'GET', path: `/selection/{id}${path}/count`, answer: (call) => boxed(200, selected(call).length) },
    {
      method: 'DELETE',
      path: `/selection/{id}${path}`,
      answer(call) {
        for (const { id } of selected(call)) editor.delete(type, id)
        return noContent
      },
    },
  ]
}

type Item = WireSelection['items'][number]

function add(store: Store, editor: Editor, call: Call, items: readonly Item[]): WireSelection {
  const selection: WireSelection = { ...editor.head('Stream', call.user), schemaPath: 'Selection', privileges: null, items }
  store.selections.set(selection.id, selection)
  return selection
}

function toItem(collections: readonly Collection[], { type, objectID }: Draft, guid: () => string): Item {
  const collection = collections.find((candidate) => typeof type === 'string' && candidate.type.toLowerCase() === type.toLowerCase())
  const record = collection?.records.get(typeof objectID === 'string' ? objectID.toLowerCase() : '')
  if (collection === undefined || record === undefined) throw new Refusal(400, 'Invalid property: items')
  const { name = '' } = record as { readonly name?: string }
  return { id: guid(), type: collection.type, objectID: record.id, objectName: name }
}

/** The triggers of the tasks in a selection, of both kinds in one list: as qlik-repo-api and the management console ask for them. */
function eventsOf(store: Store, { items }: WireSelection, view: View): readonly unknown[] {
  const wanted = new Set(items.map(({ objectID }) => objectID))
  const targets = (event: SchemaEventRecord | CompositeEventRecord) => wanted.has(taskOf(event)?.id ?? '')
  const schema = [...store.schemaEvents.values()].filter(targets).map((event) => toView('SchemaEvent', view, event))
  return [...schema, ...[...store.compositeEvents.values()].filter(targets).map((event) => toView('CompositeEvent', view, event))]
}

function find(store: Store, { params: { id = '' } }: Call): WireSelection {
  const selection = store.selections.get(id)
  if (selection === undefined) throw new Refusal(404, 'Not found')
  return selection
}
