import { readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { header, createSense, type Sense } from '@butlerkit/sense'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { aboutWire } from '../src/qrs/about.js'
import { appWire } from '../src/qrs/apps.js'
import { customPropertyDefinitionWire } from '../src/qrs/custom-properties.js'
import { executionResultWire } from '../src/qrs/execution-results.js'
import { sessionWire } from '../src/qrs/executions.js'
import { externalProgramTaskWire } from '../src/qrs/external-program-tasks.js'
import { reloadTaskWire } from '../src/qrs/reload-tasks.js'
import { streamWire } from '../src/qrs/streams.js'
import { chainWire, scheduleWire } from '../src/qrs/triggers.js'
import { userSyncTaskWire } from '../src/qrs/user-sync-tasks.js'
import { taskWire } from '../src/tasks/task.js'
import { startProxy } from './support/proxy.js'

// The client against QRS 38.22.0's own description of itself, the same files that the simulator is held to.

const facts = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../sense-simulator/test/facts/${name}`, import.meta.url), 'utf8')) as Record<
    string,
    Record<string, unknown>
  >
const routes = facts('qrs-routes.json')
const types = facts('qrs-types.json')

const id = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'

describe('every route the client asks', () => {
  it('is one of QRS, with its parameters', async () => {
    const asked = new Set<string>()
    await using proxy = await startProxy({
      believes: () => true,
      answer(response, url, request) {
        if (!/\/qps\//.test(url.pathname))
          asked.add(
            `${request.method} ${url.pathname.replace('/qrs', '')}?${[...url.searchParams.keys()].filter((name) => name !== 'xrfkey').join('&')}`,
          )
        // Triggers are added once the kind of their task is known.
        const isTask = /^\/qrs\/task(?:\/full)?$/.test(url.pathname)
        response.writeHead(200).end(JSON.stringify(isTask ? [{ id, name: 'x', taskType: 0 }] : []))
      },
    })
    await using sense = createSense({
      host: '127.0.0.1',
      proxyPort: proxy.port,
      auth: header({ name: 'x', user: 'y', ca: proxy.ca }),
      allowTasks: 'all',
    })
    // The answers fit nothing; what counts is what was asked.
    for (const call of everything(sense)) await call().catch(() => {})
    const unknown = [...asked].filter((each) => !isKnown(each)).toSorted()
    expect(unknown).toEqual([
      // Of these kinds the excerpt at hand has lists and counts only; QRS has the same routes for every kind of entity.
      `DELETE /stream/${id}?`,
      `DELETE /user/${id}?`,
      `DELETE /usersynctask/${id}?`,
      'GET /license/accesstypeoverview?',
      'GET /license?',
      'GET /servicestatus/full?',
      `GET /stream/${id}?`,
      `GET /user/${id}?`,
      `GET /usersynctask/${id}?`,
      'GET /usersynctask/count?',
      'GET /usersynctask/full?',
      'GET /usersynctask/full?orderby',
      'POST /stream/table?skip&take&sortcolumn&orderascending',
      'POST /user/table?skip&take&sortcolumn&orderascending',
      'POST /usersynctask/table?skip&take&sortcolumn&orderascending',
      'POST /usersynctask?',
    ])
    expect(asked.size).toBeGreaterThan(50)
  })
})

describe('every field the client reads', () => {
  it.each<[string, z.ZodObject]>([
    ['About', aboutWire],
    ['App', appWire],
    ['ReloadTask', reloadTaskWire],
    ['ExternalProgramTask', externalProgramTaskWire],
    ['ExecutionResult', executionResultWire],
    ['ExecutionSession', sessionWire],
    ['Stream', streamWire],
    ['CustomPropertyDefinition', customPropertyDefinitionWire],
    ['SchemaEvent', scheduleWire],
    ['CompositeEvent', chainWire],
  ])('of %s is one of QRS', (type, wire) => {
    expect(Object.keys(types[type] ?? {})).toEqual(expect.arrayContaining(Object.keys(wire.shape)))
  })

  it('of a user sync task is one of QRS’s other tasks, or its directory', () => {
    // The excerpt at hand has no UserSyncTask.
    const known = [...Object.keys(types['ExternalProgramTask'] ?? {}), 'userDirectory']
    expect(known).toEqual(expect.arrayContaining(Object.keys(userSyncTaskWire.shape)))
  })

  it('of a task of any kind is one of QRS, or of reload tasks', () => {
    // The description of Task leaves out custom properties, which every kind of task has.
    expect(Object.keys(types['ReloadTask'] ?? {})).toEqual(expect.arrayContaining(Object.keys(taskWire.shape)))
  })
})

/** Calls everything that sends a request to QRS. */
function everything({ qrs, tasks }: Sense): (() => Promise<unknown>)[] {
  const entities = [
    qrs.apps,
    qrs.reloadTasks,
    qrs.externalProgramTasks,
    qrs.userSyncTasks,
    qrs.streams,
    qrs.tags,
    qrs.customProperties,
    qrs.users,
  ]
  const name = 'x'
  return [
    () => qrs.about(),
    () => qrs.serviceStatus(),
    () => qrs.licence(),
    ...[...entities, qrs.executionResults].flatMap((each) => [
      () => each.list({ orderBy: 'name asc' }),
      () => each.list(),
      () => each.get(id),
      () => each.count(),
      () => each.pages()[Symbol.asyncIterator]().next(),
    ]),
    ...entities.flatMap((each) => [() => each.update(id, () => {}), () => each.delete(id)]),
    () => qrs.tags.create({ name }),
    () => qrs.streams.create({ name }),
    () => qrs.customProperties.create({ name, choiceValues: [], objectTypes: [] }),
    () => qrs.reloadTasks.create({ name, appId: id }),
    () => qrs.externalProgramTasks.create({ name, path: 'x' }),
    () => qrs.userSyncTasks.create({ name, userDirectoryId: id }),
    () => qrs.triggers.ofTask(id),
    () => qrs.triggers.add(id, { kind: 'schedule', name, increment: 'daily' }),
    () => qrs.triggers.add(id, { kind: 'chain', name, after: [{ taskId: id, ended: 'success' }] }),
    () => qrs.triggers.delete({ id, kind: 'schedule' }),
    () => qrs.triggers.delete({ id, kind: 'chain' }),
    () => qrs.subscribe({ callbackUrl: 'http://butler' }),
    () => qrs.apps.copy(id, { name, includeCustomProperties: true }),
    () => qrs.apps.publish(id, id, { name }),
    () => qrs.apps.replace(id, id),
    () => qrs.apps.upload(Buffer.from('x'), { name, keepData: true, excludeConnections: true }),
    () => qrs.apps.upload(Buffer.from('x'), { replaceId: id, keepData: true }),
    () => qrs.apps.import('Sales.qvf', { name, keepData: true, excludeConnections: true }),
    () => qrs.apps.import('Sales.qvf', { replaceId: id, keepData: true }),
    () => qrs.apps.export(id, { to: new PassThrough(), skipData: true }),
    () => tasks.start(id),
    () => tasks.follow(id),
  ]
}

function isKnown(asked: string): boolean {
  const [, method, path = '', query = ''] = /^(\S+) ([^?]*)\?(.*)$/.exec(asked) ?? []
  const parts = path.toLowerCase().split('/')
  for (const [route, { params }] of Object.entries(routes)) {
    const [routeMethod, routePath = ''] = route.split(' ')
    const routeParts = routePath.toLowerCase().split('/')
    const fits =
      routeMethod === method &&
      routeParts.length === parts.length &&
      routeParts.every((part, index) => part === parts[index] || (part.startsWith('{') && /^[\da-f-]{36}$/.test(parts[index] ?? '')))
    if (!fits) continue
    const known = new Set((params as string[]).map((param) => param.replace(/^query:|!$/g, '').toLowerCase()))
    if (
      query
        .split('&')
        .filter(Boolean)
        .every((name) => known.has(name.toLowerCase()))
    )
      return true
  }
  return false
}
