import * as z from 'zod'
import { isGuid } from '../guid.js'
import { json, noContent, parseQuery, Refusal, splitUrl, text, type Answer, type Service, type SiteRequest } from '../http/answer.js'
import { reloadLog, type CloudApp, type CloudReloadRecord, type CloudReloads } from './reloads.js'
import type { CloudTokens } from './tokens.js'

/** What a tenant's API serves. */
export interface CloudRoutesOptions {
  readonly apps: readonly CloudApp[]
  readonly reloads: CloudReloads
  readonly tokens: CloudTokens
  readonly tenantId: string
  readonly userId: string
  readonly guid: () => string
}

interface Call {
  /** What stands in place of the path's groups. */
  readonly params: readonly string[]
  readonly query: ReadonlyMap<string, string>
  readonly request: SiteRequest
}

const reloadRequest = z.object({
  appId: z.string().refine(isGuid),
  partial: z.boolean().optional(),
  weight: z.int().min(1).max(10).optional(),
  variables: z
    .record(z.string().max(256), z.string().max(256))
    .refine((variables) => Object.keys(variables).length <= 20)
    .optional(),
})

/** Makes a tenant's API. */
export function createCloudRoutes({ apps, reloads, tokens, tenantId, userId, guid }: CloudRoutesOptions): Service {
  const routes: readonly [method: string, path: RegExp, answer: (call: Call) => Answer][] = [
    ['GET', /^\/api\/v1\/items$/, listItems],
    ['GET', /^\/api\/v1\/apps\/([^/]+)\/reloads\/logs\/([^/]+)$/, scriptLog],
    ['GET', /^\/api\/v1\/reloads$/, listReloads],
    ['POST', /^\/api\/v1\/reloads$/, startReload],
    ['GET', /^\/api\/v1\/reloads\/([^/]+)$/, ({ params: [id = ''] }) => json(200, view(reloadOf(id), true))],
    ['POST', /^\/api\/v1\/reloads\/([^/]+)\/actions\/cancel$/, cancelReload],
  ]

  return (request) => {
    try {
      const { path, search } = splitUrl(request.url)
      if (path === '/oauth/token' && request.method === 'POST') return tokens.exchange(bodyOf(request))
      tokens.demand(request.headers)
      for (const [method, pattern, answer] of routes) {
        const found = method === request.method ? pattern.exec(path) : null
        if (found) return answer({ params: found.slice(1), query: parseQuery(search), request })
      }
      throw new Refusal(404, 'Not found')
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { status, message } = error
      return json(status, {
        errors: [{ code: `HTTP-${status}`, title: message, status: String(status) }],
        traceId: guid().replaceAll('-', ''),
      })
    }
  }

  function listItems(call: Call): Answer {
    const { query } = call
    const wanted = { id: query.get('resourceid'), spaceId: query.get('spaceid'), name: query.get('name')?.toLowerCase() }
    if (wanted.id !== undefined && !query.has('resourcetype')) throw new Refusal(400, 'resourceId wants a resourceType')
    const types = query.get('resourcetype')?.split(',') ?? ['app']
    const found = apps.filter(
      ({ id, spaceId = 'personal', name }) =>
        types.includes('app') &&
        (wanted.id ?? id) === id &&
        (wanted.spaceId ?? spaceId) === spaceId &&
        name.toLowerCase().includes(wanted.name ?? ''),
    )
    return page(call, found.map(itemOf))
  }

  function itemOf(app: CloudApp) {
    const { id, name, description = '', spaceId, createdAt, reloadedAt, reloadStatus } = app
    const updatedAt = reloadedAt ?? createdAt
    return {
      id: id.replaceAll('-', '').slice(0, 24),
      name,
      description,
      spaceId,
      resourceId: id,
      resourceType: 'app',
      resourceCreatedAt: createdAt,
      resourceUpdatedAt: updatedAt,
      resourceReloadEndTime: reloadedAt,
      resourceReloadStatus: reloadStatus?.toLowerCase(),
      resourceAttributes: { id, name, spaceId: spaceId ?? '', _resourcetype: 'app' },
      resourceCustomAttributes: null,
      tenantId,
      ownerId: userId,
      createdAt,
      updatedAt,
      actions: ['read', 'reload'],
      collectionIds: [],
      isFavorited: false,
      links: {},
      meta: { actions: [], collections: [], tags: [] },
    }
  }

  function listReloads(call: Call): Answer {
    const { query } = call
    const [, attribute, value] = /^(status|partial|type) eq "(\w+)"$/.exec(query.get('filter') ?? '') ?? []
    if (query.has('filter') && attribute === undefined) throw new Refusal(400, 'Invalid filter')
    const fits = (record: CloudReloadRecord) =>
      attribute === undefined || String(record[attribute as 'status' | 'partial' | 'type']) === value
    const found = reloads.all().filter((record) => (query.get('appid') ?? record.appId) === record.appId && fits(record))
    const ordered = query.get('sort')?.startsWith('-') === false ? found.toReversed() : found
    return page(
      call,
      ordered.map((record) => view(record, query.get('log') === 'true')),
      10,
    )
  }

  function startReload({ request }: Call): Answer {
    const asked = reloadRequest.safeParse(bodyOf(request)).data
    if (asked === undefined) throw new Refusal(400, 'Bad request')
    const app = apps.find(({ id }) => id === asked.appId)
    if (app === undefined) throw new Refusal(403, 'Forbidden')
    const { partial = false, weight = 1 } = asked
    return json(201, view(reloads.start(app, { type: 'external', userId, partial, weight }), false))
  }

  function cancelReload({ params: [id = ''] }: Call): Answer {
    const record = reloadOf(id)
    if (!reloads.cancel(record)) throw new Refusal(409, 'The reload has ended')
    return record.status === 'CANCELING' ? json(202, { status: record.status }) : noContent
  }

  function scriptLog({ params: [appId, id = ''] }: Call): Answer {
    const { appId: reloaded, startTime, endTime, status } = reloadOf(id)
    if (reloaded !== appId || startTime === undefined || endTime === undefined) throw new Refusal(404, 'Not found')
    const end = status === 'SUCCEEDED' ? 'Execution finished.' : 'Execution Failed'
    const lines = apps.find((app) => app.id === appId)?.scriptLog ?? ['Execution started.', end]
    return text(200, lines.map((line) => `${line}\r\n`).join(''))
  }

  function reloadOf(id: string): CloudReloadRecord {
    const record = reloads.find(decodeURIComponent(id))
    if (record === undefined) throw new Refusal(404, 'Reload not found')
    return record
  }
}

function view(record: CloudReloadRecord, withLog: boolean): object {
  return { ...record, ...(withLog && { log: reloadLog(record) }), links: { self: { href: `/api/v1/reloads/${record.id}` } } }
}

function bodyOf({ body }: SiteRequest): unknown {
  try {
    const value: unknown = JSON.parse(body.toString())
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // As with any other body that is no object.
  }
  throw new Refusal(400, 'Bad request')
}

/** A page, and the whole address of the next; its cursor says where it begins. */
function page({ query, request: { url, headers } }: Call, all: readonly object[], defaultLimit = 20): Answer {
  const limit = Number(query.get('limit') ?? defaultLimit)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw new Refusal(400, 'Invalid limit')
  const from = Number(query.get('next') ?? 0)
  const self = new URL(url, `https://${headers.host ?? 'localhost'}`)
  const next = new URL(self)
  next.searchParams.set('next', String(from + limit))
  const hasNext = from + limit < all.length
  return json(200, {
    data: all.slice(from, from + limit),
    links: { self: { href: self.href }, ...(hasNext && { next: { href: next.href } }) },
  })
}
