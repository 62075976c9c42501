import { createHash } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { SimulateSenseOptions } from '@butlerkit/sense-simulator'
import { describe, expect, it } from 'vitest'
import { leaveNothingOpen } from './support/nothing-left.js'
import { openSite } from './support/site.js'

// Each fault of the simulator's catalogue: a typed error or a recovery, and nothing started twice.

const id = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'
const appId = 'a2b8c7d6-1111-4222-8333-444455556666'
const starts = { method: 'POST', path: /\/start/ } as const
const lists = { method: 'GET', path: /\/app\/full/ } as const

leaveNothingOpen()

describe('a list', () => {
  it.each([500, 502, 503, 504])('that is answered with %i once is had at the second try', async (status) => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'answer', ...lists, status })
    expect(await t.settle(t.sense.qrs.apps.list())).toHaveLength(1)
  })

  it('that is told to wait waits', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'answer', ...lists, status: 429, headers: { 'retry-after': '30' } })
    const list = t.sense.qrs.apps.list()
    await t.clock.advance(29_000)
    expect(t.site.requests.matching(lists)).toHaveLength(1)
    expect(await t.settle(list)).toHaveLength(1)
  })

  it.each([
    [401, 'QRS_AUTH'],
    [403, 'QRS_FORBIDDEN'],
    [400, 'QRS_STATUS'],
  ])('that is answered with %i is %s at once', async (status, code) => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'answer', ...lists, status, body: 'no' })
    await expect(t.sense.qrs.apps.list()).rejects.toMatchObject({ code, status })
    expect(t.site.requests.matching(lists)).toHaveLength(1)
  })

  it.each(['request', 'reply', 'headers', 'body'] as const)('whose connection is reset at the %s is had at the second try', async (at) => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'reset', ...lists, at })
    expect(await t.settle(t.sense.qrs.apps.list())).toHaveLength(1)
  })

  it('that comes by drips comes whole', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'drip', ...lists, bytes: 400, everyMs: 200 })
    expect(await t.settle(t.sense.qrs.apps.list())).toHaveLength(1)
  })

  it('that never comes is QRS_TIMEOUT', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'hang', ...lists })
    await expect(t.settle(t.sense.qrs.apps.list())).rejects.toMatchObject({ code: 'QRS_TIMEOUT' })
  })

  it('of a site that wakes up comes after its 21 seconds', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'delay', ...lists, ms: 21_000 })
    expect(await t.settle(t.sense.qrs.apps.list())).toHaveLength(1)
  })

  it('that comes sooner or later comes', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'delay', ...lists, ms: 100, jitterMs: 20_000, times: 5 })
    const listed = await t.settle(Promise.all(Array.from({ length: 5 }, () => t.sense.qrs.apps.list())))
    expect(listed.map(({ length }) => length)).toEqual([1, 1, 1, 1, 1])
  })

  it('that is labelled as something else is read for what it is', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'contentType', ...lists, contentType: 'text/plain' })
    expect(await t.sense.qrs.apps.list()).toHaveLength(1)
  })

  it.each(['text', '', '{"name":1}', '[{"id":1}]'])('that is %j is QRS_ANSWER', async (body) => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'answer', ...lists, status: 200, body, headers: { 'content-type': 'application/json' } })
    await expect(t.sense.qrs.apps.list()).rejects.toMatchObject({ code: 'QRS_ANSWER' })
  })

  it('of a site that is gone is QRS_UNREACHABLE, with nothing sent', async () => {
    const t = await openSite(withTask())
    await t.site.close()
    await expect(t.settle(t.sense.qrs.apps.list())).rejects.toMatchObject({ code: 'QRS_UNREACHABLE', sent: false })
    await t[Symbol.asyncDispose]()
  })

  it('whose count is stale for a moment is whole, and one whose count stays wrong is not taken for whole', async () => {
    await using t = await openSite(withTask())
    const counts = { method: 'GET', path: /\/app\/count/ } as const
    t.site.faults.add({ kind: 'miscount', ...counts, by: 3 })
    expect(await t.sense.qrs.apps.list({ verify: true })).toHaveLength(1)
    t.site.faults.add({ kind: 'miscount', ...counts, by: -1 })
    expect(await t.sense.qrs.apps.list({ verify: true })).toHaveLength(1)
    t.site.faults.add({ kind: 'miscount', ...counts, by: 3, times: 2 })
    await expect(t.sense.qrs.apps.list({ verify: true })).rejects.toMatchObject({ code: 'QRS_INCOMPLETE' })
  })

  it('that is cut off is an error, not a shorter list', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'truncate', ...lists })
    await expect(t.settle(t.sense.qrs.apps.list())).rejects.toMatchObject({ code: expect.stringMatching(/^QRS_(?:ANSWER|UNREACHABLE)$/) })
  })

  it('that is a page for people is QRS_AUTH', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'answer', ...lists, status: 200, body: '<html>', headers: { 'content-type': 'text/html' } })
    await expect(t.sense.qrs.apps.list()).rejects.toMatchObject({ code: 'QRS_AUTH' })
  })

  it('that is capped is told from a whole one, and had by pages', async () => {
    const apps = Array.from({ length: 7 }, (_, index) => ({ name: `app ${index}` }))
    await using t = await openSite({ seed: { apps } })
    t.site.faults.add({ kind: 'limit', ...lists, rows: 5, times: 100 })
    expect(await t.sense.qrs.apps.list()).toHaveLength(5)
    await expect(t.sense.qrs.apps.list({ verify: true })).rejects.toMatchObject({ code: 'QRS_INCOMPLETE' })
    const names: string[] = []
    for await (const page of t.sense.qrs.apps.pages({ size: 3 })) names.push(...page.map(({ name }) => name))
    expect(names.toSorted()).toEqual(apps.map(({ name }) => name))
  })
})

describe('a start', () => {
  it.each(['request', 'reply', 'headers', 'body'] as const)(
    'whose connection is reset at the %s is sent once, and says that it may have begun',
    async (at) => {
      await using t = await openSite(withTask())
      t.site.faults.add({ kind: 'reset', ...starts, at })
      await expect(t.settle(t.sense.tasks.start(id))).rejects.toMatchObject({ code: 'QRS_UNREACHABLE', sent: true })
      expect(t.site.requests.matching(starts).length).toBeLessThanOrEqual(1)
      // A run whose answer was lost can be found.
      const run = await t.settle(t.sense.tasks.follow(id))
      const found = await t.settle(Promise.resolve(run?.finished()))
      expect(found?.status).toBe(at === 'request' ? undefined : 'success')
    },
  )

  it('whose answer hangs is sent once', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'hang', ...starts })
    await expect(t.settle(t.sense.tasks.start(id))).rejects.toMatchObject({ code: 'QRS_TIMEOUT', sent: true })
    expect(t.site.requests.matching(starts).length).toBeLessThanOrEqual(1)
  })

  it.each([-3_600_000, 3_600_000])('on a site whose clock is %i ms off is followed as any other', async (clockSkewMs) => {
    await using t = await openSite({ ...withTask(), clockSkewMs })
    const result = await t.settle((await t.sense.tasks.start(id)).finished())
    expect(result).toMatchObject({ status: 'success', durationMs: 20_000 })
    expect(result.startedAt?.getTime()).toBeLessThan(t.clock.now() + clockSkewMs)
  })

  it('is followed through a restart of the repository', async () => {
    await using t = await openSite(withTask())
    const run = await t.sense.tasks.start(id)
    t.site.restart(12_000)
    expect(await t.settle(run.finished())).toMatchObject({ status: 'success' })
    expect(t.site.requests.matching(starts)).toHaveLength(1)
  })
})

describe('an order whose 204 is lost', () => {
  it('to stop is sent once, and the run is seen to stop', async () => {
    await using t = await openSite(withTask())
    const run = await t.sense.tasks.start(id)
    const stops = { method: 'POST', path: /\/stop$/ } as const
    t.site.faults.add({ kind: 'reset', ...stops, at: 'reply' })
    await expect(t.settle(run.abort())).rejects.toMatchObject({ code: 'QRS_UNREACHABLE', sent: true })
    expect(await t.settle(run.finished())).toMatchObject({ status: 'aborted' })
    expect(t.site.requests.matching(stops)).toHaveLength(1)
  })

  it('to reload an app is sent once', async () => {
    await using t = await openSite(withTask())
    const reloads = { method: 'POST', path: /\/reload$/ } as const
    t.site.faults.add({ kind: 'reset', ...reloads, at: 'reply' })
    await expect(t.settle(t.sense.tasks.reloadApp(appId))).rejects.toMatchObject({ code: 'QRS_UNREACHABLE', sent: true })
    await t.clock.advance(60_000)
    expect(t.site.requests.matching(reloads)).toHaveLength(1)
    expect(await t.sense.qrs.executionResults.list()).toHaveLength(1)
  })

  it('to delete is sent once', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'reset', method: 'DELETE', path: /reloadtask/, at: 'reply' })
    await expect(t.settle(t.sense.qrs.reloadTasks.delete(id))).rejects.toMatchObject({ code: 'QRS_UNREACHABLE', sent: true })
    expect(t.site.requests.matching({ method: 'DELETE' })).toHaveLength(1)
    expect(await t.sense.qrs.reloadTasks.count()).toBe(0)
  })
})

describe('the engine', () => {
  it.each([401, 403, 404, 502])('that refuses the websocket with %i says so', async (status) => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'answer', path: /^\/app\//, status })
    await expect(t.sense.engine.open(appId)).rejects.toMatchObject({ code: status === 401 ? 'ENGINE_AUTH' : 'ENGINE_UPGRADE', status })
    await t.sense.engine.withApp(appId, () => {})
  })

  it.each([1000, 1001, 1006, 1011, 4000])('that closes with %i during a call is ENGINE_CLOSED', async (code) => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'close', qix: 'EvaluateEx', code })
    await expect(t.sense.engine.withApp(appId, (app) => app.evaluate('Sum(A)'))).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    expect(await t.sense.engine.withApp(appId, (app) => app.evaluate('Sum(A)'))).toBe(3)
  })

  it('that sends garbage is ENGINE_CLOSED', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'garbage', qix: 'EvaluateEx' })
    await expect(t.sense.engine.withApp(appId, (app) => app.evaluate('Sum(A)'))).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
  })

  it('that does not answer is ENGINE_TIMEOUT', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'hang', qix: 'EvaluateEx' })
    await expect(t.settle(t.sense.engine.withApp(appId, (app) => app.evaluate('Sum(A)')))).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' })
  })

  it('that has aborted a read is asked again', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'error', qix: 'EvaluateEx', code: 15, times: 2 })
    expect(await t.sense.engine.withApp(appId, (app) => app.evaluate('Sum(A)'))).toBe(3)
  })

  it.each([
    [19, 'ENGINE_BUSY'],
    [5006, 'ENGINE_BUSY'],
    [1009, 'ENGINE_CALL'],
  ])('that fails to open with %i is %s', async (engineCode, code) => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'error', qix: 'OpenDoc', code: engineCode })
    await expect(t.sense.engine.open(appId)).rejects.toMatchObject({ code, engineCode })
  })

  it('whose proxy ends the session is ENGINE_SESSION', async () => {
    await using t = await openSite(withTask())
    t.site.faults.add({ kind: 'notice', qix: 'EvaluateEx', notice: 'OnSessionTimedOut' })
    await expect(t.sense.engine.withApp(appId, (app) => app.evaluate('Sum(A)'))).rejects.toMatchObject({
      code: 'ENGINE_SESSION',
      state: 'OnSessionTimedOut',
    })
    t.site.faults.add({ kind: 'state', qix: 'OnConnected', state: 'SESSION_ERROR_NO_LICENSE' })
    await expect(t.sense.engine.open(appId)).rejects.toMatchObject({ code: 'ENGINE_LICENSE' })
  })
})

describe('certificates', () => {
  it.each([
    ['expired', /CERT_HAS_EXPIRED/],
    ['notYetValid', /CERT_NOT_YET_VALID/],
    ['wrongHost', /ALTNAME/],
    ['untrusted', /root\.pem/],
  ] as const)('that are %s are QRS_TLS with a hint', async (kind, message) => {
    await using t = await openSite(withTask())
    await t.site.showCertificate(kind)
    await expect(t.settle(t.sense.qrs.about())).rejects.toMatchObject({ code: 'QRS_TLS', message: expect.stringMatching(message) })
    await expect(t.settle(t.sense.engine.open(appId))).rejects.toMatchObject({ code: 'ENGINE_TLS' })
  })

  it('that are refused are told so', async () => {
    await using t = await openSite(withTask())
    await t.site.showCertificate('refusesClients')
    await expect(t.settle(t.sense.qrs.about())).rejects.toMatchObject({ message: expect.stringContaining('client certificate') })
  })
})

describe('the whole of a site', () => {
  it('is changed: tags, properties, tasks and triggers', async () => {
    await using t = await openSite(withTask())
    const { qrs } = t.sense
    const tag = await qrs.tags.create({ name: 'fresh' })
    const property = await qrs.customProperties.create({ name: 'Team', choiceValues: ['A', 'B'], objectTypes: ['App', 'ReloadTask'] })
    const tagged = await qrs.apps.update(appId, (draft) => {
      draft.tags.push(tag)
      draft.customProperties.push({ value: 'A', definition: property })
      draft.description = 'changed'
    })
    expect(tagged).toMatchObject({ description: 'changed', tags: [{ name: 'fresh' }], customProperties: [{ name: 'Team', value: 'A' }] })
    const triggers = [{ kind: 'chain', name: 'after', after: [{ taskId: id, ended: 'success' }] }] as const
    const made = await qrs.reloadTasks.create({ name: 'Second', appId, tagIds: [tag.id], triggers })
    expect(await qrs.reloadTasks.get(made.id)).toMatchObject({ name: 'Second', tags: [{ name: 'fresh' }] })
    const [trigger] = await qrs.triggers.ofTask(made.id)
    expect(trigger).toMatchObject({ kind: 'chain', after: [{ taskId: id, ended: 'success' }] })
    if (trigger) await qrs.triggers.delete(trigger)
    expect(await qrs.triggers.ofTask(made.id)).toEqual([])
    expect(await qrs.reloadTasks.count()).toBe(2)
    await qrs.reloadTasks.delete(made.id)
    await expect(qrs.reloadTasks.get(made.id)).rejects.toMatchObject({ status: 404 })
  })

  it('has its apps copied, published, replaced and reloaded', async () => {
    await using t = await openSite(withTask())
    const { qrs, tasks } = t.sense
    const copy = await qrs.apps.copy(appId, { name: 'Copy' })
    const [everyone] = await qrs.streams.list()
    expect(await qrs.apps.publish(copy.id, everyone?.id ?? '')).toMatchObject({ published: true, stream: { id: everyone?.id } })
    expect(await qrs.apps.replace(appId, copy.id)).toBeDefined()
    const run = await t.settle(tasks.reloadApp(appId))
    expect(await t.settle(run.finished())).toMatchObject({ status: 'success' })
    const again = await t.settle(tasks.reloadApp(appId))
    expect(again.executionId).not.toBe(run.executionId)
    await using denied = await openSite(withTask(), { allowTasks: { ids: [id] } })
    await expect(denied.sense.tasks.reloadApp(appId)).rejects.toMatchObject({ code: 'TASK_DENIED' })
  })

  it('has an app’s file exported and uploaded, byte for byte', async () => {
    await using t = await openSite(withTask())
    const to = new PassThrough()
    const bytes = buffer(to)
    const exported = await t.sense.qrs.apps.export(appId, { to })
    expect(
      createHash('sha256')
        .update(await bytes)
        .digest('hex'),
    ).toBe(exported.sha256)
    const uploaded = await t.sense.qrs.apps.upload(await bytes, { name: 'Back' })
    expect(uploaded).toMatchObject({ bytes: exported.bytes, sha256: exported.sha256, app: { name: 'Back' } })
  })

  it('has an app imported from a file on the node, as a new one and in the place of another', async () => {
    const content = { tables: [{ name: 't', fields: ['A'], rows: [[40]] }] }
    await using t = await openSite({ seed: { ...withTask().seed, importFolder: { 'Stock.qvf': content } } })
    const { apps } = t.sense.qrs
    const imported = await apps.import('Stock.qvf', { name: 'Stock' })
    expect(imported).toMatchObject({ name: 'Stock', published: false })
    const sum = (app: string) => t.sense.engine.withApp(app, (opened) => opened.evaluate('Sum(A)'))
    expect(await sum(imported.id)).toBe(40)
    expect(await sum(appId)).toBe(3)
    expect(await apps.import(String.raw`C:\QlikShare\Apps\Stock.qvf`, { replaceId: appId })).toMatchObject({ id: appId, name: 'Sales' })
    expect(await sum(appId)).toBe(40)
    await expect(apps.import('Nothing.qvf', { name: 'x' })).rejects.toMatchObject({ code: 'QRS_STATUS', status: 400 })
    await expect(apps.import('Stock.qvf', { replaceId: 'x' })).rejects.toMatchObject({ code: 'SENSE_ID' })
  })
})

function withTask(): SimulateSenseOptions {
  const content = { tables: [{ name: 't', fields: ['A'], rows: [[1], [2]] }] }
  return {
    seed: {
      apps: [{ id: appId, name: 'Sales', content }],
      reloadTasks: [{ id, name: 'Reload', app: 'Sales', runs: [['started', '20s', 'success']] }],
    },
  }
}
