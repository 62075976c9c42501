import { boxed, json, noContent, Refusal } from '../http/answer.js'
import type { Changes } from '../store/changes.js'
import { toWireDate } from '../store/wire-values.js'
import { jsonBody, required } from './body.js'
import { compileFilter } from './filter/filter.js'
import type { TypeName } from './entity-type.js'
import { model } from './model.js'
import type { Notifications } from './notifications.js'
import type { Route } from './routes.js'
import { toView } from './views.js'

/** Subscribing to changes, and asking for those since a date. */
export function notificationRoutes(notifications: Notifications, changes: Changes): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/notification',
      answer(call) {
        const type = typeNamed(required(call, 'name'))
        const uri = jsonBody(call)
        if (typeof uri !== 'string' || !/^https?:\/\//i.test(uri)) throw new Refusal(400, 'Invalid JSON')
        const { query } = call
        const filter = query.get('filter') ?? query.get('condition')
        const changeType = query.get('changetype') ?? '0'
        if (!/^[0-3]$/.test(changeType)) throw new Refusal(400, 'Invalid expression')
        const handle = notifications.subscribe({
          type,
          uri,
          id: query.get('id')?.toLowerCase(),
          filter: filter === undefined || filter === '' ? undefined : compileFilter(type, filter),
          changeType: Number(changeType),
          propertyName: query.get('propertyname'),
        })
        return boxed(201, handle)
      },
    },
    {
      method: 'DELETE',
      path: '/notification',
      answer(call) {
        if (!notifications.unsubscribe(required(call, 'handle'))) throw new Refusal(404, 'Not found')
        return noContent
      },
    },
    {
      method: 'GET',
      path: '/notification/changes',
      answer(call) {
        const since = Date.parse(required(call, 'since'))
        const types = required(call, 'types')
          .split(',')
          .map((name) => typeNamed(name.trim()))
        if (Number.isNaN(since)) throw new Refusal(400, 'Invalid expression')
        const found = changes.all().filter(({ timeMs, type }) => timeMs >= since && types.includes(type))
        return json(
          200,
          found.map(({ changeType, type, entity, timeMs }) => ({
            changeType,
            id: entity.id,
            type,
            changeDate: toWireDate(timeMs),
            object: changeType === 3 ? null : toView(type, 'full', entity),
          })),
        )
      },
    },
  ]
}

function typeNamed(name: string): TypeName {
  const found = Object.keys(model).find((type) => type.toLowerCase() === name.toLowerCase())
  if (found === undefined) throw new Refusal(400, `Invalid property: ${name}`)
  return found as TypeName
}
