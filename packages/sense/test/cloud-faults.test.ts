import { apiKey, createCloud, oauth } from '@butlerkit/sense/cloud'
import type { CloudAppSeed } from '@butlerkit/sense-simulator'
import { describe, expect, it } from 'vitest'
import { leaveNothingOpen } from './support/nothing-left.js'
import { openTenant, type TestTenant } from './support/tenant.js'

// Each fault of the simulator's catalogue: a typed error or a recovery, and nothing started twice.

const id = 'a2b8c7d6-1111-4222-8333-444455556666'
const starts = { method: 'POST', path: '/api/v1/reloads' } as const
const polls = { method: 'GET', path: /^\/api\/v1\/reloads\/\w+$/ } as const
const lists = { path: '/api/v1/items' } as const
const exchanges = { method: 'POST', path: '/oauth/token' } as const

leaveNothingOpen()

describe('a list', () => {
  it.each([500, 502, 503, 504])('that is answered with %i once is had at the second try', async (status) => {
    await using t = await open()
    t.tenant.failNext({ ...lists, status })
    expect(await t.settle(t.cloud.apps.list())).toHaveLength(1)
  })

  it.each([
    ['seconds', '30'],
    ['a date', 'Thu, 01 Jan 2026 00:00:30 GMT'],
  ])('that is told to wait, in %s, waits', async (_, after) => {
    await using t = await open()
    t.tenant.failNext({ ...lists, status: 429, headers: { 'retry-after': after } })
    const list = t.cloud.apps.list()
    await t.clock.advance(29_000)
    expect(t.tenant.requests.matching(lists)).toHaveLength(1)
    expect(await t.settle(list)).toHaveLength(1)
    expect(t.log.map(({ line }) => line)).toEqual(['debug Qlik Cloud request failed, trying again'])
  })

  it('that is told to wait for longer than a minute leaves that to the caller', async () => {
    await using t = await open()
    const body = JSON.stringify({ errors: [{ code: 'HTTP-429', title: 'API rate limit reached.' }], traceId: 'abc' })
    t.tenant.failNext({ ...lists, status: 429, headers: { 'retry-after': '61' }, body })
    const failure = { code: 'CLOUD_STATUS', status: 429, cloudCode: 'HTTP-429', traceId: 'abc', transient: true, retryAfterMs: 61_000 }
    await expect(t.settle(t.cloud.apps.list())).rejects.toMatchObject(failure)
  })

  it.each([
    [403, 'CLOUD_FORBIDDEN'],
    [302, 'CLOUD_STATUS'],
    [400, 'CLOUD_STATUS'],
  ])('that is answered with %i is %s at once', async (status, code) => {
    await using t = await open()
    t.tenant.failNext({ ...lists, status, body: 'no' })
    await expect(t.cloud.apps.list()).rejects.toMatchObject({ code, status, text: 'no', sent: true, transient: false })
    expect(t.tenant.requests.matching(lists)).toHaveLength(1)
  })

  it.each(['request', 'reply', 'headers', 'body'] as const)('whose connection is reset at the %s is had at the second try', async (at) => {
    await using t = await open()
    t.tenant.faults.add({ kind: 'reset', ...lists, at })
    expect(await t.settle(t.cloud.apps.list())).toHaveLength(1)
  })

  it('that never comes is CLOUD_TIMEOUT', async () => {
    await using t = await open()
    t.tenant.faults.add({ kind: 'hang', ...lists })
    await expect(t.settle(t.cloud.apps.list())).rejects.toMatchObject({ code: 'CLOUD_TIMEOUT', sent: true })
  })

  it.each(['<html>', '[]', '{"data":[{"name":1}]}'])('that is %s is CLOUD_ANSWER', async (body) => {
    await using t = await open()
    t.tenant.failNext({ ...lists, status: 200, body })
    await expect(t.cloud.apps.list()).rejects.toMatchObject({ code: 'CLOUD_ANSWER', status: 200 })
  })

  it.each([
    ['somewhere else', 'https://evil.example/api/v1/items?next=1'],
    ['to another route', '/api/v1/users?next=1'],
    ['in a circle', '/api/v1/items?resourceType=app&limit=100'],
    ['nowhere', 'http://['],
  ])('whose next page leads %s is CLOUD_ANSWER, and the token stays here', async (_, href) => {
    await using t = await open()
    const body = JSON.stringify({ data: [], links: { next: { href } } })
    t.tenant.faults.add({ kind: 'answer', ...lists, status: 200, body, times: 3 })
    const list = t.cloud.apps.list()
    await expect(list).rejects.toMatchObject({ code: 'CLOUD_ANSWER' })
    expect(t.tenant.requests.matching(lists)).toHaveLength(1)
  })

  it('is given up by the caller, also between two tries', async () => {
    await using t = await open()
    t.tenant.faults.add({ kind: 'answer', ...lists, status: 503, times: 9 })
    const caller = new AbortController()
    const list = t.cloud.apps.list({ signal: caller.signal })
    await t.clock.advance(500)
    caller.abort(new Error('enough'))
    await expect(list).rejects.toThrow('enough')
    expect(t.tenant.requests.length).toBeGreaterThan(1)
  })
})

describe('a start', () => {
  it.each(['request', 'reply', 'headers', 'body'] as const)(
    'whose connection is reset at the %s is sent once, and says that it may have begun',
    async (at) => {
      await using t = await open()
      t.tenant.faults.add({ kind: 'reset', ...starts, at })
      await expect(t.settle(t.cloud.reloads.start(id))).rejects.toMatchObject({ code: 'CLOUD_UNREACHABLE', sent: true })
      expect(t.tenant.requests.matching(starts)).toHaveLength(1)
      // A reload whose answer was lost can be found.
      expect(await t.cloud.reloads.list(id)).toHaveLength(at === 'request' ? 0 : 1)
    },
  )

  it.each([500, 502, 503, 504])('that is answered with %i is sent once', async (status) => {
    await using t = await open()
    t.tenant.failNext({ ...starts, status })
    await expect(t.settle(t.cloud.reloads.start(id))).rejects.toMatchObject({ code: 'CLOUD_STATUS', status, sent: true })
    expect(t.tenant.requests.matching(starts)).toHaveLength(1)
  })

  it('whose answer hangs is sent once', async () => {
    await using t = await open()
    t.tenant.faults.add({ kind: 'hang', ...starts })
    await expect(t.settle(t.cloud.reloads.start(id))).rejects.toMatchObject({ code: 'CLOUD_TIMEOUT', sent: true })
    expect(t.tenant.requests.matching(starts)).toHaveLength(1)
  })

  it('is not sent for another app, whatever is listed', async () => {
    await using t = await open()
    const body = JSON.stringify({ data: [{ name: 'Nameless' }, { name: 'Other', resourceId: '00000000-1111-4222-8333-444455556666' }] })
    t.tenant.failNext({ ...lists, status: 200, body })
    await expect(t.cloud.reloads.start(id)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
    t.tenant.failNext({ ...lists, status: 200, body })
    expect(await t.cloud.apps.list()).toMatchObject([{ name: 'Other' }])
    expect(t.tenant.reloads()).toHaveLength(0)
  })

  it('that was turned away for the number of requests is sent again', async () => {
    await using t = await open()
    t.tenant.failNext({ ...starts, status: 429, headers: { 'retry-after': '13' } })
    const run = t.settle(t.cloud.reloads.start(id))
    expect(await t.settle((await run).finished())).toMatchObject({ status: 'success' })
    expect(t.tenant.reloads()).toHaveLength(1)
  })
})

describe('following', () => {
  it('goes on through failures that pass, and leaves a busy tenant alone', async () => {
    await using t = await open()
    const run = await t.cloud.reloads.start(id)
    t.tenant.faults.add({ kind: 'answer', ...polls, status: 503, times: 2 })
    t.tenant.faults.add({ kind: 'reset', ...polls, at: 'body' })
    t.tenant.failNext({ ...polls, status: 429, headers: { 'retry-after': '120' } })
    const finished = run.finished()
    await t.clock.advance(100_000)
    t.tenant.requests.assert(polls, 4)
    expect(await t.settle(finished)).toMatchObject({ status: 'success' })
    expect(t.log.filter(({ line }) => line.startsWith('warn'))).toHaveLength(4)
  })

  it('ends with a failure that does not pass', async () => {
    await using t = await open()
    const run = await t.cloud.reloads.start(id)
    t.tenant.failNext({ ...polls, status: 403 })
    await expect(run.finished()).rejects.toMatchObject({ code: 'CLOUD_FORBIDDEN' })
    expect(await t.settle(run.finished())).toMatchObject({ status: 'success' })
  })

  it('outlasts a reload that does not show at first', async () => {
    await using t = await open()
    const run = await t.cloud.reloads.start(id)
    t.tenant.faults.add({ kind: 'answer', ...polls, status: 404, times: 5 })
    expect(await t.settle(run.finished())).toMatchObject({ status: 'success' })
  })

  it.each([
    ['shows no more', 404, ''],
    ['has ended in a way that is new', 200, JSON.stringify({ id: 'x', appId: id, status: 'NEW', endTime: '2026-01-01T00:00:09Z' })],
  ])('is given up when the reload %s', async (_, status, body) => {
    await using t = await open()
    const run = await t.cloud.reloads.start(id)
    t.tenant.faults.add({ kind: 'answer', ...polls, status, body, times: 100 })
    await expect(t.settle(run.finished())).rejects.toMatchObject({ code: 'TASK_RESULT_MISSING', taskIds: [id] })
    expect(t.tenant.requests.matching(polls)).toHaveLength(11)
  })

  it('goes on past a status that is new', async () => {
    await using t = await open()
    const run = await t.cloud.reloads.start(id)
    const body = JSON.stringify({ id: run.executionId, appId: id, status: 'WARMING' })
    t.tenant.faults.add({ kind: 'answer', ...polls, status: 200, body, times: 20 })
    expect(await t.settle(run.finished())).toMatchObject({ status: 'success' })
  })
})

describe('OAuth', () => {
  it('gets one token for all who ask, and the next before its end', async () => {
    await using t = await open({}, { tokenLifetimeMs: 600_000 })
    await Promise.all(Array.from({ length: 5 }, () => t.cloud.apps.list()))
    t.tenant.requests.assert(exchanges, 1)
    await t.clock.advance(539_000)
    await t.cloud.apps.list()
    t.tenant.requests.assert(exchanges, 1)
    await t.clock.advance(1_000)
    await Promise.all([t.cloud.apps.list(), t.cloud.apps.list()])
    t.tenant.requests.assert(exchanges, 2)
    expect(t.tenant.requests.matching({ status: 401 })).toHaveLength(0)
  })

  it('gets another token once when one is refused, for a start too', async () => {
    await using t = await open()
    await t.cloud.apps.list()
    t.tenant.expireTokens()
    await Promise.all([t.cloud.apps.list(), t.cloud.apps.list()])
    t.tenant.requests.assert(exchanges, 2)
    t.tenant.failNext({ ...starts, status: 401 })
    await t.cloud.reloads.start(id)
    t.tenant.requests.assert(exchanges, 3)
    expect(t.tenant.reloads()).toHaveLength(1)
    t.tenant.faults.add({ kind: 'answer', ...lists, status: 401, times: 9 })
    await expect(t.cloud.apps.list()).rejects.toMatchObject({ code: 'CLOUD_AUTH' })
    t.tenant.requests.assert(exchanges, 4)
  })

  it('asks again for a token after a failure that passes, and starts once', async () => {
    await using t = await open()
    t.tenant.failNext({ ...exchanges, status: 503 })
    t.tenant.faults.add({ kind: 'reset', ...exchanges, at: 'reply' })
    await t.settle(t.cloud.reloads.start(id))
    expect(t.tenant.reloads()).toHaveLength(1)
  })

  it('that is not accepted is CLOUD_AUTH, and is tried anew with the next request', async () => {
    await using t = await open()
    t.tenant.failNext({ ...exchanges, status: 401, body: 'no' })
    await expect(t.cloud.apps.list()).rejects.toMatchObject({ code: 'CLOUD_AUTH', request: 'POST /oauth/token' })
    expect(await t.cloud.apps.list()).toHaveLength(1)
  })

  it('is given up by one caller without the other', async () => {
    await using t = await open()
    t.tenant.faults.add({ kind: 'delay', ...exchanges, ms: 5_000 })
    const caller = new AbortController()
    const gone = t.cloud.apps.list({ signal: caller.signal })
    const stays = t.cloud.apps.list()
    caller.abort(new Error('enough'))
    await expect(gone).rejects.toThrow('enough')
    expect(await t.settle(stays)).toHaveLength(1)
  })

  it.each(['{}', '{"access_token":"a b"}', '{"access_token":"a","expires_in":-1}'])(
    'with a token such as %s is CLOUD_ANSWER',
    async (body) => {
      await using t = await open()
      t.tenant.failNext({ ...exchanges, status: 200, body })
      await expect(t.cloud.apps.list()).rejects.toMatchObject({ code: 'CLOUD_ANSWER', request: 'POST /oauth/token' })
    },
  )
})

describe('an API key', () => {
  it('that is a function is asked for again when the key is refused', async () => {
    let given = 0
    await using t = await openTenant({}, (tenant) => ({ auth: apiKey(async () => (given++ === 0 ? 'old-key' : tenant.apiKey)) }))
    await Promise.all([t.cloud.apps.list(), t.cloud.apps.list()])
    await t.cloud.apps.list()
    expect(given).toBe(2)
  })

  it('that is text is not tried twice', async () => {
    await using t = await openTenant({}, () => ({ auth: apiKey('old-key') }))
    await expect(t.cloud.apps.list()).rejects.toMatchObject({ code: 'CLOUD_AUTH', cloudCode: 'HTTP-401' })
    expect(t.tenant.requests).toHaveLength(1)
  })
})

it('trusts no tenant without its authority', async () => {
  await using t = await open()
  await using cloud = createCloud({ tenant: t.tenant.tenant, auth: apiKey(t.tenant.apiKey) })
  await expect(cloud.apps.list()).rejects.toMatchObject({ code: 'CLOUD_TLS', sent: false, transient: false })
})

/** A tenant with one app, and a client with OAuth. */
function open(app: Partial<CloudAppSeed> = {}, setup: { readonly tokenLifetimeMs?: number } = {}): Promise<TestTenant> {
  const seed = { apps: [{ name: 'Sales', id, ...app }] }
  return openTenant({ seed, ...setup }, ({ oauthClient }) => ({ auth: oauth(oauthClient) }))
}
