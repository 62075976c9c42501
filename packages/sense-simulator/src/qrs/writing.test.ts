import { createServer, type IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createVirtualClock } from '@butlerkit/core/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { properHeaders, qrs, send, xrfkey } from '../../test/qrs-call.js'
import type { SimulatedSense } from '../simulated-sense.js'
import { simulateSense } from '../site.js'

const everyone = 'aaec8d41-5201-43ab-809f-3063750dfafd'
const clock = createVirtualClock({ settle: () => site.idle() })
let site: SimulatedSense

beforeEach(async () => {
  site = await simulateSense({
    clock,
    seed: {
      users: [{ directory: 'LAB', id: 'ann' }],
      tags: ['nightly', 'old'],
      customProperties: [
        { name: 'Region', choiceValues: ['EMEA', 'APAC'] },
        { name: 'AppOnly', choiceValues: ['x'], objectTypes: ['App'] },
      ],
      apps: [{ name: 'Sales', stream: 'Everyone', tags: ['nightly'], customProperties: { Region: ['EMEA'] } }, { name: 'Draft' }],
      reloadTasks: [
        {
          name: 'First',
          app: 'Sales',
          tags: ['nightly'],
          runs: [
            ['started', '1s', 'success'],
            ['started', '1s', 'failed'],
          ],
        },
        { name: 'Second', app: 'Draft', runs: [['started', '1s', 'success']], triggers: [{ after: [{ task: 'First' }] }] },
      ],
      externalProgramTasks: [{ name: 'Copy files', path: 'copy.exe', runs: [['started', '1s', 'success']] }],
      userSyncTasks: [{ name: 'Sync users', userDirectory: 'LAB' }],
      maxConcurrentReloads: 2,
    },
  })
})

afterEach(() => site.close())

const read = async (path: string, query = {}) => (await qrs(site, `GET ${path}`, { query })).json()
const idOf = async (path: string, name: string) => (await read(path, { filter: `name eq '${name}'` }))[0].id as string

describe('an entity', () => {
  it('is made with what is missing filled in, and gone after it is deleted', async () => {
    const made = await qrs(site, 'POST /tag', { body: { name: 'weekly' } })
    expect(made).toMatchObject({ status: 201 })
    expect(made.json()).toMatchObject({ name: 'weekly', modifiedByUserName: 'INTERNAL\\sa_api', schemaPath: 'Tag', privileges: null })
    expect((await qrs(site, `DELETE /tag/${made.json().id}`)).status).toBe(204)
    expect((await qrs(site, `DELETE /tag/${made.json().id}`)).status).toBe(404)
    const many = await qrs(site, 'POST /tag/many', { body: [{ name: 'a' }, { name: 'b' }] })
    expect(many.json()).toMatchObject([{ name: 'a' }, { name: 'b' }])
    const task = await qrs(site, 'POST /reloadtask', {
      body: { name: 'New', app: { id: await idOf('/app', 'Draft') } },
      query: { privileges: 'true' },
    })
    expect(task.json()).toMatchObject({
      enabled: true,
      taskSessionTimeout: 1_440,
      maxRetries: 0,
      tags: [],
      privileges: ['create', 'read', 'update', 'delete'],
    })
  })

  it.each([
    ['POST /tag', {}],
    ['POST /tag', { name: 'x'.repeat(501) }],
    ['POST /tag', { name: 7 }],
    ['POST /reloadtask', { name: 'N' }],
    ['POST /reloadtask', { name: 'N', app: { id: '00000000-0000-0000-0000-000000000001' } }],
    ['POST /externalprogramtask', { name: 'N', path: 'p', maxRetries: 21 }],
    ['POST /externalprogramtask', { name: 'N', path: 'p', tags: [{ id: 'none' }] }],
    ['POST /externalprogramtask', { name: 'N', path: 'p', enabled: 'yes' }],
    ['POST /schemaevent', { name: 'N', timeZone: 'Mars/Phobos' }],
    ['POST /schemaevent', { name: 'N', incrementDescription: 'hourly' }],
    ['POST /schemaevent', { name: 'N', schemaFilterDescription: ['* * 1'] }],
    ['POST /schemaevent', { name: 'N', schemaFilterDescription: ['* * - 7 * * * *'] }],
    ['POST /schemaevent', { name: 'N', startDate: 'tomorrow' }],
    ['POST /schemaevent', { name: 'N', incrementOption: 9 }],
    ['POST /tag/many', { name: 'no list' }],
    ['POST /tag', []],
  ])('is refused: %s with %j', async (call, body) => {
    const reply = await qrs(site, call, { body })
    expect(reply.status).toBe(400)
    expect(reply.text).toMatch(/^Invalid /)
  })

  it('is refused where the body is no JSON', async () => {
    expect((await qrs(site, 'POST /tag', { body: Buffer.from('{'), headers: properHeaders })).status).toBe(400)
    const headers = { ...properHeaders, 'content-type': 'text/plain' }
    expect((await qrs(site, 'POST /tag', { body: { name: 'x' }, headers })).status).toBe(415)
    expect((await qrs(site, 'POST /app', { body: { name: 'x' } })).status).toBe(404)
  })

  it('loses what a change leaves out, and nothing else', async () => {
    const before = site.task('First')
    const { id, modifiedDate, app } = before
    const reply = await qrs(site, `PUT /reloadtask/${id}`, {
      body: { id, modifiedDate, name: 'First', app, operational: null, taskType: 3 },
    })
    expect(reply.json()).toMatchObject({ name: 'First', tags: [], customProperties: [], taskType: 0, app: { name: 'Sales' } })
    expect(reply.json().operational).toEqual(before.operational)
    expect(reply.json().modifiedDate > modifiedDate).toBe(true)
  })

  it('is not changed from a copy that is not the newest', async () => {
    const task = site.task('First')
    const put = (body: object) => qrs(site, `PUT /reloadtask/${task.id}`, { body })
    expect((await put({ ...task, enabled: false })).status).toBe(200)
    expect((await put({ ...task, name: 'Lost' })).status).toBe(409)
    expect((await put({ ...task, modifiedDate: undefined })).status).toBe(409)
    expect((await put({ ...task, id: everyone })).status).toBe(400)
    expect((await put({ ...site.task('First'), name: 'Kept' })).status).toBe(200)
    expect(site.task('Kept').enabled).toBe(false)
    expect((await qrs(site, `PUT /reloadtask/${everyone}`, { body: { ...task, id: everyone } })).status).toBe(404)
  })

  it('takes custom properties that are meant for it, with values they have', async () => {
    const [region, appOnly] = (await read('/custompropertydefinition/full')) as { id: string }[]
    const put = async (customProperties: object[]) => {
      const task = site.task('First')
      return (await qrs(site, `PUT /reloadtask/${task.id}`, { body: { ...task, customProperties } })).status
    }
    expect(await put([{ value: 'APAC', definition: { id: region?.id } }])).toBe(200)
    expect(await read('/reloadtask', { filter: "@Region eq 'APAC'" })).toHaveLength(1)
    expect(await put([{ value: 'US', definition: { id: region?.id } }])).toBe(400)
    expect(await put([{ value: 'x', definition: { id: appOnly?.id } }])).toBe(400)
    expect((await qrs(site, `DELETE /custompropertydefinition/${region?.id}`)).status).toBe(204)
    expect(site.task('First').customProperties).toEqual([])
  })

  it('takes along what hangs on it: tags of apps, tasks of an app, triggers and runs of a task', async () => {
    const run = site.startTask('First')
    await qrs(site, `DELETE /tag/${await idOf('/tag', 'nightly')}`)
    expect(site.task('First').tags).toEqual([])
    await qrs(site, `DELETE /app/${await idOf('/app', 'Sales')}`)
    expect(site.tasks().map(({ name }) => name)).toEqual(['Second'])
    expect((await qrs(site, `GET /executionsession/${run}`)).status).toBe(404)
    await qrs(site, `DELETE /reloadtask/${site.task('Second').id}`)
    expect(await read('/compositeevent')).toEqual([])
  })
})

describe('a table', () => {
  const columns = [
    { name: 'Name', columnType: 'Property', definition: 'name' },
    { name: 'Stream', columnType: 1, definition: 'stream.name' },
    { name: 'Tags', columnType: 'List', definition: 'tag', list: [{ name: 'n', columnType: 'Property', definition: 'name' }] },
  ]
  it('has the columns asked for, a page at a time', async () => {
    const table = async (query: Record<string, string>) => qrs(site, 'POST /app/table', { body: { type: 'App', columns }, query })
    const all = await table({ sortcolumn: 'name', orderascending: 'false' })
    expect(all).toMatchObject({ status: 201 })
    expect(all.json()).toMatchObject({
      columnNames: ['Name', 'Stream', 'Tags'],
      rows: [
        ['Sales', 'Everyone', { rows: [['nightly']] }],
        ['Draft', null, { columnNames: ['n'], rows: [] }],
      ],
    })
    expect((await table({ sortcolumn: 'name', skip: '1', take: '5' })).json().rows).toMatchObject([['Sales', 'Everyone', {}]])
    expect((await table({ filter: "name eq 'x'" })).json().rows).toEqual([])
    expect((await table({ sortcolumn: 'Size' })).status).toBe(400)
    expect((await table({ take: '-1' })).status).toBe(400)
    const refused = await qrs(site, 'POST /app/table', {
      body: { columns: [{ name: 'F', columnType: 'Function', definition: 'Count(x)' }] },
    })
    expect(refused.status).toBe(400)
  })
})

describe('a selection', () => {
  it('is looked at, counted and deleted together', async () => {
    const { id, items } = (await qrs(site, 'POST /selection/tag', { query: { filter: "name sw 'n' or name eq 'old'" } })).json()
    expect(items).toMatchObject([{ objectName: 'nightly', type: 'Tag' }, { objectName: 'old' }])
    expect(await read(`/selection/${id}/tag/count`)).toEqual({ value: 2 })
    expect(await read(`/selection/${id}/tag`)).toHaveLength(2)
    expect((await qrs(site, `DELETE /selection/${id}/tag`)).status).toBe(204)
    expect(await read('/tag')).toEqual([])
    expect((await qrs(site, `DELETE /selection/${id}`)).status).toBe(204)
    expect((await qrs(site, `GET /selection/${id}/tag`)).status).toBe(404)
  })
})

describe('an app', () => {
  it('is copied, published and replaced', async () => {
    const sales = await idOf('/app', 'Sales')
    const copy = (await qrs(site, `POST /app/${sales}/copy`, { query: { name: 'Twin', includecustomproperties: 'true' } })).json()
    expect(copy).toMatchObject({
      name: 'Twin',
      published: false,
      stream: null,
      tags: [{ name: 'nightly' }],
      customProperties: [{ value: 'EMEA' }],
    })
    const published = await qrs(site, `PUT /app/${copy.id}/publish`, { query: { stream: everyone, name: 'Public' } })
    expect(published.json()).toMatchObject({ name: 'Public', published: true, stream: { name: 'Everyone' } })
    expect((await qrs(site, `PUT /app/${copy.id}/publish`, { query: { stream: copy.id } })).status).toBe(404)
    expect((await qrs(site, `PUT /app/${copy.id}/publish`)).status).toBe(400)
    const replaced = await qrs(site, `PUT /app/${copy.id}/replace`, { query: { app: sales } })
    expect(replaced.json()).toMatchObject({ id: sales, name: 'Sales', sourceAppId: copy.id })
  })

  it('is reloaded by a task of its own, made once', async () => {
    const id = await idOf('/app', 'Draft')
    expect((await qrs(site, `POST /app/${id}/reload`)).status).toBe(204)
    await clock.advance(2_000)
    await qrs(site, `POST /app/${id}/reload`)
    const tasks = await read('/reloadtask/full', { filter: `app.id eq ${id} and isManuallyTriggered eq true` })
    expect(tasks).toMatchObject([{ name: 'Manually triggered reload of Draft', operational: { lastExecutionResult: { status: 2 } } }])
  })

  it('is exported once, for who asked, and uploaded with all that is in it', async () => {
    const id = await idOf('/app', 'Sales')
    const token = '11111111-1111-4111-8111-111111111111'
    const { downloadPath } = (await qrs(site, `POST /app/${id}/export/${token}`, { query: { skipdata: 'true' } })).json()
    expect(downloadPath).toMatch(/^\/tempcontent\/[0-9a-f-]{36}\/Sales\.qvf\?serverNodeId=/)
    const ann = { ...properHeaders, 'X-Qlik-User': 'UserDirectory=LAB; UserId=ann' }
    const path = `GET /..${downloadPath.split('?')[0]}`
    const download = (headers: Record<string, string>) => send(site, { method: 'GET', path: `${downloadPath}&xrfkey=${xrfkey}`, headers })
    expect((await download(ann)).status).toBe(403)
    const file = await download(properHeaders)
    expect(file).toMatchObject({ status: 200, type: 'application/octet-stream' })
    expect((await download(properHeaders)).status).toBe(404)
    expect((await qrs(site, path)).status).toBe(404)
    expect((await qrs(site, `DELETE /app/${id}/export/${token}`)).json()).toMatchObject({ cancelled: true })

    const qvf = { ...properHeaders, 'content-type': 'application/vnd.qlik.sense.app' }
    const uploaded = await qrs(site, 'POST /app/upload', { query: { name: 'Again' }, headers: qvf, body: Buffer.from(file.text) })
    expect(uploaded).toMatchObject({ status: 201 })
    expect(uploaded.json()).toMatchObject({ name: 'Again', fileSize: Buffer.byteLength(file.text) })
    expect((await qrs(site, 'POST /app/upload', { query: { name: 'A' }, headers: qvf })).status).toBe(400)
    expect((await qrs(site, 'POST /app/upload', { query: { name: 'A' }, body: { not: 'an app' } })).status).toBe(415)
    const replace = await qrs(site, 'POST /app/upload/replace', { query: { targetappid: id }, headers: qvf, body: Buffer.alloc(10) })
    expect(replace.json()).toMatchObject({ id, fileSize: 10 })
  })
})

describe('tasks', () => {
  it('start and stop together', async () => {
    const ids = [site.task('First').id, (await read('/externalprogramtask'))[0].id]
    expect((await qrs(site, 'POST /task/start/many', { body: ids })).status).toBe(204)
    expect(await read('/executionsession/full')).toMatchObject([
      { reloadTask: { name: 'First' } },
      { externalProgramTask: { name: 'Copy files' }, app: null },
    ])
    expect((await qrs(site, 'POST /task/stop/many', { body: ids })).status).toBe(204)
    expect(await read('/executionsession', { filter: 'abortReason eq Manual' })).toHaveLength(2)
    expect((await qrs(site, 'POST /task/start/many', { body: ['x'] })).status).toBe(400)
    expect((await qrs(site, 'POST /task/start/many', { body: [everyone] })).status).toBe(404)
  })

  it('wait while as many run as may', async () => {
    const { id } = (await qrs(site, `POST /task/${site.task('First').id}/copy`, { query: { name: 'Third' } })).json()
    site.startTask('First')
    site.startTask('Second')
    const third = (await qrs(site, `POST /task/${id}/start/synchronous`)).json().value
    const status = async () => (await read(`/executionsession/${third}`)).executionResult.status
    expect(await status()).toBe(3)
    await clock.advance(1_500)
    expect(await status()).toBe(2)
    await clock.advance(2_000)
    expect((await read('/executionresult/full', { filter: `ExecutionId eq ${third}` }))[0]).toMatchObject({ status: 7 })
  })

  it('follow one another, but only where they should', async () => {
    site.startTask('First')
    await clock.advance(1_000)
    expect(site.task('Second').operational.lastExecutionResult.status).toBe(2)
    await clock.advance(1_000)
    const { startTime } = site.task('Second').operational.lastExecutionResult
    site.startTask('First')
    await clock.advance(2_000)
    expect(site.task('First').operational.lastExecutionResult.status).toBe(8)
    expect(site.task('Second').operational.lastExecutionResult.startTime).toBe(startTime)
  })

  it('have results that can be deleted, with their script logs', async () => {
    site.startTask('First')
    await clock.advance(1_000)
    const { id } = site.task('First')
    const [result] = await read('/executionresult/full', { filter: `taskID eq ${id}` })
    const log = () => qrs(site, `GET /reloadtask/${id}/scriptlogfile`, { query: { executionResultId: result.id } })
    expect((await log()).status).toBe(200)
    expect((await qrs(site, `DELETE /executionresult/${result.id}`)).status).toBe(204)
    expect((await log()).status).toBe(404)
    expect(await read('/executionresult', { filter: `taskID eq ${id}` })).toEqual([])
    expect((await qrs(site, `DELETE /executionresult/${result.id}`)).status).toBe(404)
    expect((await qrs(site, 'POST /executionresult', { body: {} })).status).toBe(404)
  })

  it('are made with their triggers in one call, and run when the time has come', async () => {
    const app = { id: await idOf('/app', 'Draft') }
    const startDate = new Date(clock.now() + 3_600_000).toISOString()
    const schemaEvents = [{ name: 'Hourly', startDate, incrementOption: 1, incrementDescription: '0 1 0 0' }]
    const body = { task: { name: 'Timed', app }, schemaEvents, compositeEvents: [] }
    const made = await qrs(site, 'POST /reloadtask/create', { body })
    expect(made).toMatchObject({ status: 201 })
    expect(site.task('Timed').operational.nextExecution).toBe(startDate)
    await clock.advance(3_600_000)
    expect(site.task('Timed').operational.lastExecutionResult).toMatchObject({ status: 2, startTime: startDate })
    const [event] = await read('/schemaevent/full')
    expect(event).toMatchObject({ operational: { timesTriggered: 1 }, reloadTask: { name: 'Timed' } })
    await clock.advance(2 * 3_600_000)
    expect((await read('/schemaevent/full'))[0].operational.timesTriggered).toBe(3)
    const update = { task: site.task('Timed'), schemaEventsToDelete: [{ id: event.id }] }
    expect((await qrs(site, 'POST /reloadtask/update', { body: update })).status).toBe(201)
    expect(await read('/schemaevent')).toEqual([])
    await clock.advance(3_600_000)
    expect(await read('/executionresult', { filter: `taskID eq ${site.task('Timed').id}` })).toHaveLength(3)
  })
})

describe('a schedule', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('starts in UTC where its date says nothing else, wherever the site runs', async () => {
    vi.stubEnv('TZ', 'America/New_York')
    expect(new Date('2030-01-01T06:00:00').toISOString()).toBe('2030-01-01T11:00:00.000Z')
    for (const [startDate, expected] of [
      ['2030-01-01T06:00:00.000', '2030-01-01T06:00:00.000Z'],
      ['2030-01-01T06:00:00+02:00', '2030-01-01T04:00:00.000Z'],
      ['2030-01-01', '2030-01-01T00:00:00.000Z'],
    ]) {
      const made = await qrs(site, 'POST /schemaevent', { body: { name: 'N', startDate } })
      expect(made.json()).toMatchObject({ startDate: expected })
    }
  })
})

describe('user sync tasks', () => {
  const directoryId = () => idOf('/userdirectory', 'LAB')

  it('are made for a directory, changed, copied and deleted', async () => {
    const body = { name: 'Sync nightly', userDirectory: { id: await directoryId() }, maxRetries: 1 }
    const made = await qrs(site, 'POST /usersynctask', { body })
    expect(made).toMatchObject({ status: 201 })
    expect(made.json()).toMatchObject({ taskType: 2, userDirectory: { name: 'LAB' }, schemaPath: 'UserSyncTask' })
    const { id } = made.json()
    const changed = await qrs(site, `PUT /usersynctask/${id}`, { body: { ...made.json(), enabled: false } })
    expect(changed.json()).toMatchObject({ enabled: false, maxRetries: 1 })
    const copied = await qrs(site, `POST /task/${id}/copy`, { query: { name: 'Sync weekly' } })
    expect(copied.json()).toMatchObject({ name: 'Sync weekly', userDirectory: { name: 'LAB' } })
    expect((await qrs(site, `DELETE /usersynctask/${id}`)).status).toBe(204)
    const filter = "userDirectory.name eq 'lab'"
    expect((await read('/usersynctask', { filter })).map(({ name }: { name: string }) => name)).toEqual(['Sync users', 'Sync weekly'])
    expect(await read('/task', { filter: 'taskType eq UserSync' })).toHaveLength(2)
    expect((await qrs(site, 'POST /usersynctask', { body: { name: 'Sync' } })).status).toBe(400)
  })

  it('run on schedule, and start others and are started after them', async () => {
    const id = await idOf('/usersynctask', 'Sync users')
    const target = { userSyncTask: { id } }
    const startDate = new Date(clock.now() + 60_000).toISOString()
    expect((await qrs(site, 'POST /schemaevent', { body: { name: 'Once', startDate, ...target } })).status).toBe(201)
    const after = { name: 'After sync', ...first(), compositeRules: [{ ruleState: 1, ...target }] }
    expect((await qrs(site, 'POST /compositeevent', { body: after })).status).toBe(201)
    expect((await read(`/usersynctask/${id}`)).operational.nextExecution).toBe(startDate)

    await clock.advance(60_000)
    expect(await read('/executionsession/full')).toMatchObject([{ userSyncTask: { id }, reloadTask: null, app: null }])
    await clock.advance(2_000)
    expect(await read(`/userdirectory/${await directoryId()}`)).toMatchObject({ syncLastStarted: startDate })
    expect(await read('/executionsession/full')).toMatchObject([{ reloadTask: { name: 'First' }, userSyncTask: null }])

    const back = { name: 'After first', ...target, compositeRules: [{ ruleState: 1, ...first() }] }
    expect((await qrs(site, 'POST /compositeevent', { body: back })).status).toBe(201)
    await clock.advance(1_000)
    expect(await read('/executionsession/full', { filter: `userSyncTask.id eq ${id}` })).toHaveLength(1)

    expect((await qrs(site, `DELETE /usersynctask/${id}`)).status).toBe(204)
    expect(await read('/schemaevent')).toEqual([])
    expect((await read('/compositeevent/full', { filter: "name eq 'After sync'" }))[0].compositeRules).toEqual([])
  })

  function first() {
    return { reloadTask: { id: site.task('First').id } }
  }
})

describe('notifications', () => {
  const batches: any[][] = []
  let server: Server
  let uri: string
  beforeEach(async () => {
    batches.length = 0
    server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        batches.push(JSON.parse(Buffer.concat(chunks).toString()))
        response.end()
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`
  })
  afterEach(() => void server.close())

  const subscribe = async (query: Record<string, string>) =>
    (await qrs(site, 'POST /notification', { query, body: uri })).json().value as string

  it('are given up on when the site closes, however long the client takes', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const body = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`
    const busy = await simulateSense({ seed: { apps: [{ name: 'Sales' }], reloadTasks: [{ name: 'Reload', app: 'Sales' }] } })
    await qrs(busy, 'POST /notification', { query: { name: 'ExecutionResult' }, body })
    busy.startTask('Reload')
    const [request] = (await once(silent, 'request')) as [IncomingMessage]
    const gone = once(request.socket, 'close')
    await busy.close()
    await gone
    expect(request.socket.destroyed).toBe(true)
    silent.close()
  })

  it('come in batches, until they are ended or the repository is started anew', async () => {
    const handle = await subscribe({ name: 'ExecutionResult', changetype: '2' })
    site.startTask('First')
    await clock.advance(200)
    expect(batches).toHaveLength(1)
    const started = { changeType: 2, objectType: 'ExecutionResult', changedProperties: ['status', 'modifiedDate'] }
    expect(batches[0]).toMatchObject([started, started])
    expect(batches[0]?.[0]).not.toHaveProperty('id')
    await clock.advance(2_000)
    expect(batches.length).toBeGreaterThan(1)
    expect((await qrs(site, 'DELETE /notification', { query: { handle } })).status).toBe(204)
    expect((await qrs(site, 'DELETE /notification', { query: { handle } })).status).toBe(404)
    await clock.advance(5_000)
    const count = batches.length
    await subscribe({ name: 'tag' })
    site.restart()
    await qrs(site, 'POST /tag', { body: { name: 'quiet' } })
    await clock.advance(1_000)
    expect(batches).toHaveLength(count)
  })

  it('are only of what was asked for', async () => {
    const id = await idOf('/tag', 'old')
    await subscribe({ name: 'Tag', filter: "name sw 'o'" })
    await subscribe({ name: 'Tag', id, changetype: '3' })
    await qrs(site, 'POST /tag', { body: { name: 'other' } })
    await qrs(site, 'POST /tag', { body: { name: 'not' } })
    await clock.advance(200)
    expect(batches.flat().map(({ changeType }) => changeType)).toEqual([1])
    await qrs(site, `DELETE /tag/${id}`)
    await clock.advance(200)
    expect(batches.flat().map(({ changeType }) => changeType)).toEqual([1, 3, 3])
    expect((await qrs(site, 'POST /notification', { query: { name: 'Nothing' }, body: uri })).status).toBe(400)
    expect((await qrs(site, 'POST /notification', { query: { name: 'Tag' }, body: 'ftp://x' })).status).toBe(400)
  })

  it('come twice where they are told to', async () => {
    await subscribe({ name: 'Tag' })
    site.faults.add({ notification: 'Tag', kind: 'duplicate' })
    await qrs(site, 'POST /tag', { body: { name: 'x' } })
    await clock.advance(200)
    expect(batches).toHaveLength(2)
    expect(batches[0]).toEqual(batches[1])
  })

  it('can be asked for by date', async () => {
    const since = new Date(clock.now()).toISOString()
    await qrs(site, 'POST /tag', { body: { name: 'x' } })
    await qrs(site, `DELETE /tag/${await idOf('/tag', 'old')}`)
    expect(await read('/notification/changes', { since, types: 'App,Tag' })).toMatchObject([
      { changeType: 1, type: 'Tag', object: { name: 'x' } },
      { changeType: 3, type: 'Tag', object: null },
    ])
    expect((await qrs(site, 'GET /notification/changes', { query: { types: 'Tag' } })).status).toBe(400)
  })
})
