import type { Run } from '@butlerkit/sense'
import type { CloudAppSeed, SimulateCloudOptions } from '@butlerkit/sense-simulator'
import { describe, expect, it } from 'vitest'
import { openTenant } from './support/tenant.js'

const id = 'a2b8c7d6-1111-4222-8333-444455556666'
const starts = { method: 'POST', path: '/api/v1/reloads' } as const
const polls = { method: 'GET', path: /^\/api\/v1\/reloads\/\w+$/ } as const

describe('a reload on Qlik Cloud', () => {
  it('is a run that goes through its steps to success', async () => {
    await using t = await openTenant(withApp({ reloads: [['queued', '4s', 'started', '30s', 'success']] }))
    const run = await t.cloud.reloads.start(id, { partial: true })
    expect(run.task).toEqual({ id, name: 'Sales' })
    expect(run.result).toBeUndefined()
    expect(await t.settle(statuses(run))).toEqual(['queued', 'started', 'success'])
    const result = await t.settle(run.finished())
    expect(result).toMatchObject({ status: 'success', task: run.task, executionId: run.executionId, durationMs: 30_000, node: undefined })
    expect(result.startedAt).toEqual(new Date(Date.UTC(2026, 0, 1, 0, 0, 4)))
    expect(result.stoppedAt).toEqual(new Date(Date.UTC(2026, 0, 1, 0, 0, 34)))
    expect(result.attempts).toMatchObject([{ id: run.executionId, status: 'success', rawStatus: 'SUCCEEDED' }])
    expect(result.details.map(({ message }) => message)).toEqual([
      `ReloadID: ${run.executionId}`,
      'Started loading data',
      'Finished successfully',
    ])
    expect(run.result).toBe(result)
    expect(t.tenant.reloads()).toMatchObject([{ id: run.executionId, type: 'external', partial: true }])
  })

  it('that fails is a result that says why, with a script log', async () => {
    const scriptLog = ['Execution started.', 'LOAD a – é', 'Error: no such table', 'Execution Failed']
    await using t = await openTenant(withApp({ reloads: [['started', '2s', 'failed']], scriptLog }))
    const run = await t.cloud.reloads.start(id)
    const result = await t.settle(run.finished())
    expect(result).toMatchObject({ status: 'failed', attempts: [{ rawStatus: 'FAILED' }] })
    expect(result.details.at(-1)).toEqual({ at: result.stoppedAt, message: 'EngineScriptError The load script failed' })
    expect(await t.settle(run.scriptLog())).toEqual(scriptLog)
    expect(await t.settle(run.scriptLog({ tail: 1 }))).toEqual(scriptLog.slice(-1))
  })

  it('that meets a limit has failed', async () => {
    await using t = await openTenant(withApp({ reloads: [['started', '2s', 'exceededLimit']] }))
    const result = await t.settle((await t.cloud.reloads.start(id)).finished())
    expect(result).toMatchObject({ status: 'failed', attempts: [{ rawStatus: 'EXCEEDED_LIMIT' }] })
  })

  it('is stopped when told to, once', async () => {
    await using t = await openTenant(withApp({ reloads: [['started']] }))
    const run = await t.cloud.reloads.start(id)
    const seen = statuses(run)
    await t.clock.advance(2_000)
    await run.abort()
    expect(await t.settle(seen)).toEqual(['started', 'aborting', 'aborted'])
    expect(await t.settle(run.finished())).toMatchObject({ status: 'aborted', reason: undefined })
    await run.abort()
    t.tenant.requests.assert({ method: 'POST', path: /cancel$/ }, 1)
  })

  it('that has ended before it was told to stop does not mind', async () => {
    await using t = await openTenant(withApp({ reloads: [['started', '1s', 'success']] }))
    const run = await t.cloud.reloads.start(id)
    await t.clock.advance(2_000)
    await run.abort()
    t.tenant.requests.assert({ path: /cancel$/, status: 409 }, 1)
    expect(await t.settle(run.finished())).toMatchObject({ status: 'success' })
  })

  it('that takes too long is told to stop', async () => {
    await using t = await openTenant(withApp({ reloads: [['started']] }))
    const run = await t.cloud.reloads.start(id)
    const finished = run.finished({ timeoutMs: 60_000, onTimeout: 'abort' })
    await expect(t.settle(finished)).rejects.toMatchObject({ code: 'TASK_TIMEOUT', stopped: true, taskIds: [id] })
    expect(await t.settle(run.finished())).toMatchObject({ status: 'aborted' })
  })

  it('that somebody else started can be followed, also when it is over', async () => {
    await using t = await openTenant(withApp({ reloads: [['started', '9s', 'success']] }))
    const reloadId = t.tenant.startReload('Sales')
    const run = await t.cloud.reloads.follow(reloadId)
    expect({ id: run.executionId, task: run.task }).toEqual({ id: reloadId, task: { id, name: 'Sales' } })
    expect(await t.settle(statuses(run))).toEqual(['started', 'success'])
    const again = await t.cloud.reloads.follow(reloadId)
    expect(await again.finished()).toEqual(run.result)
    await expect(t.cloud.reloads.follow('../items')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
  })

  it('is asked for after 1 s, then less often, and by one for all who wait', async () => {
    await using t = await openTenant(withApp({ reloads: [['started', '30s', 'success']] }))
    const run = await t.cloud.reloads.start(id)
    await t.settle(Promise.all([run.finished(), run.finished(), statuses(run)]))
    expect(t.tenant.requests.matching(polls)).toHaveLength(10)
  })

  it('whose script log comes late, or never', async () => {
    await using t = await openTenant(withApp({ reloads: [['started', '1s', 'success']] }))
    const logs = { path: /\/reloads\/logs\// } as const
    const run = await t.cloud.reloads.start(id)
    t.tenant.faults.add({ kind: 'answer', ...logs, status: 404, times: 2 })
    expect(await t.settle(run.scriptLog())).toEqual(['Execution started.', 'Execution finished.'])
    t.tenant.faults.add({ kind: 'answer', ...logs, status: 404, times: 4 })
    expect(await t.settle(run.scriptLog())).toBeUndefined()
    expect(t.log.map(({ line }) => line)).toContain('warn script log not found')
  })

  it('ends what waits when the client is closed', async () => {
    await using t = await openTenant(withApp({ reloads: [['started']] }))
    const run = await t.cloud.reloads.start(id)
    const finished = run.finished()
    await Promise.all([t.cloud.close(), expect(finished).rejects.toMatchObject({ code: 'SENSE_CLOSED' })])
    await expect(t.cloud.apps.list()).rejects.toMatchObject({ code: 'SENSE_CLOSED' })
  })
})

describe('starting a reload', () => {
  it.each([
    ['is no GUID', 'Sales', 'TASK_ID_INVALID'],
    ['nobody has', '00000000-1111-4222-8333-444455556666', 'TASK_NOT_FOUND'],
  ])('of an id that %s is refused', async (_, appId, code) => {
    await using t = await openTenant(withApp())
    await expect(t.cloud.reloads.start(appId)).rejects.toMatchObject({ code })
    t.tenant.requests.assert(starts, 0)
  })

  it.each([
    ['nothing', undefined, 'TASK_DENIED'],
    ['another app', { ids: ['00000000-1111-4222-8333-444455556666'] }, 'TASK_DENIED'],
    ['another space', { spaceIds: ['space2'] }, 'TASK_DENIED'],
    ['the app', { ids: [id.toUpperCase()] }, undefined],
    ['its space', { spaceIds: ['space1'] }, undefined],
  ])('with %s on the allow-list', async (_, allowApps, code) => {
    await using t = await openTenant(withApp({ spaceId: 'space1' }), () => ({ allowApps: allowApps ?? {} }))
    const outcome = await t.cloud.reloads.start(id).then(
      () => undefined,
      (error: unknown) => (error as { code: string }).code,
    )
    expect(outcome).toBe(code)
    t.tenant.requests.assert(starts, code === undefined ? 1 : 0)
  })

  it('is denied to a personal app when its space is not named', async () => {
    await using t = await openTenant(withApp(), () => ({ allowApps: { spaceIds: ['', 'personal'] } }))
    await expect(t.cloud.reloads.start(id)).rejects.toMatchObject({ code: 'TASK_DENIED', taskIds: [id] })
    const run = await t.cloud.reloads.follow(t.tenant.startReload('Sales'))
    await expect(run.abort()).rejects.toMatchObject({ code: 'TASK_DENIED' })
  })

  it('hands the script its variables and its weight', async () => {
    await using t = await openTenant(withApp())
    await t.cloud.reloads.start(id, { variables: { vYear: '2026' }, weight: 7 })
    expect(t.tenant.reloads()).toMatchObject([{ weight: 7 }])
    await expect(t.cloud.reloads.start(id, { weight: 11 })).rejects.toMatchObject({
      code: 'CLOUD_STATUS',
      status: 400,
      cloudCode: 'HTTP-400',
    })
  })
})

describe('lists', () => {
  const apps = Array.from({ length: 230 }, (_, index): CloudAppSeed => ({ name: `App ${index}`, ...(index < 3 && { spaceId: 'space1' }) }))

  it('of apps come whole, page by page', async () => {
    await using t = await openTenant({ seed: { apps } })
    expect((await t.cloud.apps.list()).map(({ name }) => name)).toEqual(apps.map(({ name }) => name))
    t.tenant.requests.assert({ path: '/api/v1/items' }, 3)
    const sizes: number[] = []
    for await (const page of t.cloud.apps.pages({ size: 90 })) sizes.push(page.length)
    expect(sizes).toEqual([90, 90, 50])
    expect(await t.cloud.apps.list({ spaceId: 'space1', name: 'APP 2' })).toMatchObject([{ name: 'App 2', spaceId: 'space1' }])
    await expect(t.cloud.apps.pages({ size: 101 })[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'SENSE_OPTION' })
  })

  it('of apps end at the page where the reader stops', async () => {
    await using t = await openTenant({ seed: { apps } })
    for await (const page of t.cloud.apps.pages({ size: 100 })) if (page.length > 0) break
    expect(t.tenant.requests).toHaveLength(1)
  })

  it('have one app by its id', async () => {
    await using t = await openTenant(withApp({ description: 'all of it' }))
    await t.settle((await t.cloud.reloads.start(id)).finished())
    expect(await t.cloud.apps.get(id.toUpperCase())).toMatchObject({
      id,
      name: 'Sales',
      description: 'all of it',
      spaceId: undefined,
      createdAt: new Date(Date.UTC(2026, 0, 1)),
      reloadedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, 3)),
    })
    await expect(t.cloud.apps.get('x')).rejects.toMatchObject({ code: 'SENSE_ID' })
    const unknown = t.cloud.apps.get('00000000-1111-4222-8333-444455556666')
    await expect(unknown).rejects.toMatchObject({ code: 'CLOUD_STATUS', status: 404 })
  })

  it('of reloads are of one app, the newest first', async () => {
    const reloads: CloudAppSeed['reloads'] = [
      ['started', 'failed'],
      ['started', '1s', 'success'],
    ]
    await using t = await openTenant({ seed: { apps: [{ name: 'Sales', id, reloads }, { name: 'Other' }] } })
    t.tenant.startReload('Other')
    t.tenant.startReload('Sales')
    await t.clock.advance(1_000)
    const newest = t.tenant.startReload('Sales')
    await t.clock.advance(2_000)
    expect(await t.cloud.reloads.list(id)).toMatchObject([
      { id: newest, appId: id, status: 'success', rawStatus: 'SUCCEEDED', type: 'hub', partial: false, error: undefined },
      { status: 'failed', rawStatus: 'FAILED', error: { code: 'EngineScriptError', message: 'The load script failed' } },
    ])
    expect(await t.cloud.reloads.list(id, { status: 'SUCCEEDED' })).toMatchObject([{ id: newest }])
    const pages: number[] = []
    for await (const page of t.cloud.reloads.pages(id, { size: 1 })) pages.push(page.length)
    expect(pages).toEqual([1, 1])
  })
})

function withApp(app: Partial<CloudAppSeed> = {}): SimulateCloudOptions {
  return { seed: { apps: [{ name: 'Sales', id, ...app }] } }
}

async function statuses(run: Run): Promise<string[]> {
  const seen: string[] = []
  for await (const step of run) seen.push(step.status)
  return seen
}
