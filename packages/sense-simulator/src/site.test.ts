import { inspect } from 'node:util'
import { createVirtualClock } from '@butlerkit/core/testing'
import { describe, expect, it } from 'vitest'
import { qrs, send, xrfkey } from '../test/qrs-call.js'
import { createCertificateAuthority } from './certificates.js'
import { SimulatorError } from './errors.js'
import { simulateSense } from './site.js'
import type { SiteSeed } from './site-seed.js'

const seed: SiteSeed = {
  users: [
    { directory: 'LAB', id: 'ånn' },
    { directory: 'LAB', id: 'gone', inactive: true },
  ],
  apps: [{ name: 'sales', stream: 'Everyone' }, { name: 'Budget' }, { name: 'archive' }],
  reloadTasks: [
    { name: 'Reload sales', app: 'sales', runs: [['started', '10s', 'success']] },
    { name: 'Twin', app: 'Budget' },
    { name: 'Twin', app: 'archive' },
  ],
}

describe('the door', () => {
  it('lets in who has a certificate of the site, and no one else', async () => {
    await using site = await simulateSense({ seed })
    const { ca } = site.certificates
    const stranger = await (await createCertificateAuthority()).issue({ commonName: 'QlikClient', client: true })
    expect((await qrs(site, 'GET /about')).status).toBe(200)
    await expect(qrs(site, 'GET /about', { tls: { ca } })).rejects.toThrow(/alert|ECONNRESET|hang up/i)
    await expect(qrs(site, 'GET /about', { tls: { ca, ...stranger } })).rejects.toThrow(/alert|ECONNRESET|hang up/i)
    expect(site.requests).toHaveLength(1)
  })

  it('shows a certificate that only its own authority vouches for', async () => {
    await using site = await simulateSense()
    const { ca } = await createCertificateAuthority()
    const { cert, key } = site.certificates
    await expect(qrs(site, 'GET /about', { tls: { ca, cert, key } })).rejects.toMatchObject({ code: 'SELF_SIGNED_CERT_IN_CHAIN' })
  })

  const user = 'UserDirectory=INTERNAL; UserId=sa_api'
  const xsrf = 'XSRF prevention check failed. Possible XSRF discovered.'
  it.each([
    ['a matching pair', `?xrfkey=${xrfkey}`, { 'X-Qlik-Xrfkey': xrfkey, 'X-Qlik-User': user }, 200, /^\{/],
    [
      'another spelling',
      `?Xrfkey=${xrfkey}`,
      { 'x-qlik-XRFKEY': xrfkey, 'X-Qlik-User': 'userdirectory=internal;USERID=SA_API' },
      200,
      /^\{/,
    ],
    [
      'a user of the seed, encoded',
      `?xrfkey=${xrfkey}`,
      { 'X-Qlik-Xrfkey': xrfkey, 'X-Qlik-User': 'UserDirectory=LAB; UserId=%C3%A5nn' },
      200,
      /^\{/,
    ],
    ['no key in the query', '', { 'X-Qlik-Xrfkey': xrfkey, 'X-Qlik-User': user }, 403, xsrf],
    ['no key in the headers', `?xrfkey=${xrfkey}`, { 'X-Qlik-User': user }, 403, xsrf],
    ['two keys', `?xrfkey=${xrfkey}`, { 'X-Qlik-Xrfkey': 'fedcba9876543210', 'X-Qlik-User': user }, 403, xsrf],
    ['a short key', '?xrfkey=abc', { 'X-Qlik-Xrfkey': 'abc', 'X-Qlik-User': user }, 403, xsrf],
    ['a key with a dash', '?xrfkey=0123456789abcde-', { 'X-Qlik-Xrfkey': '0123456789abcde-', 'X-Qlik-User': user }, 403, xsrf],
    ['no user', `?xrfkey=${xrfkey}`, { 'X-Qlik-Xrfkey': xrfkey }, 403, 'Access denied'],
    ['half a user', `?xrfkey=${xrfkey}`, { 'X-Qlik-Xrfkey': xrfkey, 'X-Qlik-User': 'UserId=sa_api' }, 403, 'Access denied'],
    [
      'an unknown user',
      `?xrfkey=${xrfkey}`,
      { 'X-Qlik-Xrfkey': xrfkey, 'X-Qlik-User': 'UserDirectory=LAB; UserId=eve' },
      403,
      'Access denied',
    ],
    [
      'an inactive user',
      `?xrfkey=${xrfkey}`,
      { 'X-Qlik-Xrfkey': xrfkey, 'X-Qlik-User': 'UserDirectory=LAB; UserId=gone' },
      403,
      /^Your account is inactive\./,
    ],
  ])('%s', async (_, query, headers, status, text) => {
    await using site = await simulateSense({ seed })
    const reply = await send(site, { method: 'GET', path: `/qrs/about${query}`, headers })
    expect(reply.status).toBe(status)
    expect(reply.text).toMatch(text)
  })
})

describe('a request', () => {
  it('is understood in any case, and 404 where there is nothing', async () => {
    await using site = await simulateSense({ seed })
    const { id } = site.task('Reload sales')
    const status = async (call: string) => (await qrs(site, call)).status
    expect(await status('GET /ReloadTask/FULL')).toBe(200)
    expect(await status(`GET /reloadTask/${id.toUpperCase()}`)).toBe(200)
    expect(await status('GET /reloadtask/00000000-0000-0000-0000-000000000001')).toBe(404)
    expect(await status('GET /reloadtask/17')).toBe(404)
    expect(await status('GET /nothing')).toBe(404)
    expect(await status('POST /about')).toBe(404)
    expect(await status('GET /task/count')).toBe(404)
    expect(await status(`GET /task/${id}`)).toBe(404)
    expect((await send(site, { method: 'GET', path: `/?xrfkey=${xrfkey}` })).status).toBe(404)
  })

  it('filters, counts and sorts', async () => {
    await using site = await simulateSense({ seed })
    const names = async (query: Record<string, string>, path = '/app') =>
      (await qrs(site, `GET ${path}`, { query })).json().map(({ name }: { name: string }) => name)
    expect(await names({ orderby: 'name' })).toEqual(['archive', 'Budget', 'sales'])
    expect(await names({ OrderBy: 'Name desc' })).toEqual(['sales', 'Budget', 'archive'])
    expect(await names({ filter: "published eq False and name ne 'x'", orderby: 'name asc' }, '/app/full')).toEqual(['archive', 'Budget'])
    expect(await names({ filter: "app.name eq 'SALES'" }, '/task/full')).toEqual(['Reload sales'])
    expect(await names({ filter: '' })).toHaveLength(3)
    expect((await qrs(site, 'GET /app/count')).json()).toEqual({ value: 3 })
    expect((await qrs(site, 'GET /app/count', { query: { filter: 'published eq True' } })).json()).toEqual({ value: 1 })
    expect(await qrs(site, 'GET /app/count', { query: { filter: '()' } })).toMatchObject({ status: 400, text: 'Invalid expression' })
    for (const orderby of ['colour', 'name up', 'tags.name', 'name, id'])
      expect((await qrs(site, 'GET /app', { query: { orderby } })).status).toBe(400)
  })

  it('shows what goes wrong in a filter that is not encoded', async () => {
    await using site = await simulateSense({ seed })
    const ampersand = await qrs(site, 'GET /app', { rawQuery: "filter=name%20eq%20'A%20&%20B'" })
    expect(ampersand).toMatchObject({ status: 400, text: 'Missing parameter value(s)' })
    // A client cuts the address at the first `#`, and with it a key that stands at the end.
    const headers = { 'X-Qlik-Xrfkey': xrfkey, 'X-Qlik-User': 'UserDirectory=INTERNAL; UserId=sa_api' }
    expect((await send(site, { method: 'GET', path: "/qrs/app?filter=name%20eq%20'A", headers })).status).toBe(403)
  })

  it('starts a task by its id or its name', async () => {
    await using site = await simulateSense({ seed, clock: createVirtualClock() })
    const { id } = site.task('Reload sales')
    const executions = async () => (await qrs(site, 'GET /executionsession/count')).json().value
    expect(await qrs(site, `POST /task/${id}/start`)).toMatchObject({ status: 204, text: '' })
    expect(await executions()).toBe(1)
    expect(await qrs(site, `POST /task/${id}/start`)).toMatchObject({ status: 204 })
    expect(await executions()).toBe(1)
    expect((await qrs(site, 'POST /task/00000000-0000-0000-0000-000000000001/start/synchronous')).status).toBe(404)

    const byName = async (path: string, name?: string) =>
      (await qrs(site, `POST ${path}`, name === undefined ? {} : { query: { name } })).status
    expect(await byName('/task/start', 'RELOAD SALES')).toBe(204)
    expect(await byName('/task/start/synchronous', 'Reload sales')).toBe(201)
    expect(await byName('/task/start/synchronous', 'None')).toBe(404)
    expect(await byName('/task/start/synchronous', 'Twin')).toBe(400)
    expect(await byName('/task/start/synchronous')).toBe(400)
    expect(await executions()).toBe(1)
  })
})

describe('a site', () => {
  it('has the same ids in every run with the same number', async () => {
    const ids = async (seedNumber?: number) => {
      await using site = await simulateSense({ seed, ...(seedNumber === undefined ? {} : { seedNumber }) })
      return [...site.tasks().map(({ id }) => id), site.startTask('Reload sales')]
    }
    expect(await ids()).toEqual(await ids(1))
    expect(await ids(2)).not.toEqual(await ids(1))
  })

  it('has the streams every site has', async () => {
    await using site = await simulateSense()
    expect((await qrs(site, 'GET /stream')).json()).toMatchObject([
      { id: 'aaec8d41-5201-43ab-809f-3063750dfafd', name: 'Everyone' },
      { id: 'a70ca8a5-1d59-4cc9-b5fa-6e207978dcaf', name: 'Monitoring apps' },
    ])
  })

  it('fails the requests it is told to, and does nothing for them', async () => {
    await using site = await simulateSense({ seed, clock: createVirtualClock() })
    const start = `POST /task/${site.task('Reload sales').id}/start`
    site.failNext({ method: 'POST', path: /\/start$/, status: 503, body: 'booting', headers: { 'retry-after': '3' }, times: 2 })
    site.failNext({ path: '/QRS/about', status: 500 })
    expect((await qrs(site, 'GET /app')).status).toBe(200)
    expect(await qrs(site, start)).toMatchObject({ status: 503, text: 'booting' })
    expect(await qrs(site, start)).toMatchObject({ status: 503 })
    expect((await qrs(site, 'GET /executionresult/count')).json()).toEqual({ value: 0 })
    expect((await qrs(site, start)).status).toBe(204)
    expect((await qrs(site, 'GET /about')).status).toBe(500)
    expect((await qrs(site, 'GET /about')).status).toBe(200)
  })

  it('remembers what was asked, without what is secret', async () => {
    await using site = await simulateSense({ seed })
    await qrs(site, 'GET /App', { query: { filter: "name eq 'a & b'" } })
    await qrs(site, 'GET /nothing')
    expect([...site.requests]).toEqual([
      { method: 'GET', path: '/qrs/App', query: { filter: "name eq 'a & b'" }, status: 200 },
      { method: 'GET', path: '/qrs/nothing', query: {}, status: 404 },
    ])
    expect(site.requests.matching({ method: 'GET', path: '/qrs/app' })).toHaveLength(1)
    expect(site.requests.matching({ path: /nothing/, status: 404 })).toHaveLength(1)
    expect(site.requests.matching({ status: 500 })).toHaveLength(0)
    site.requests.assert({ method: 'GET' }, 2)
    expect(() => site.requests.assert({ path: '/qrs/app' }, 2)).toThrow(
      new SimulatorError('JOURNAL_MISMATCH', '1 requests fit instead of 2; the newest of all:\n  GET /qrs/App 200\n  GET /qrs/nothing 404'),
    )
    const secrets = [xrfkey, 'sa_api', ...site.certificates.key.split('\n').slice(1, 2)]
    for (const secret of secrets) expect(inspect([site, [...site.requests]], { depth: Infinity })).not.toContain(secret)
    site.requests.clear()
    expect(site.requests).toHaveLength(0)
  })

  it('tells what it does not have', async () => {
    await using site = await simulateSense({ seed })
    expect(() => site.task('None')).toThrow(new SimulatorError('SITE_UNKNOWN', "no task 'None'"))
    expect(() => site.startTask('Twin')).toThrow(new SimulatorError('SITE_UNKNOWN', "2 tasks are called 'Twin'; give the id"))
    await expect(simulateSense({ port: site.port })).rejects.toMatchObject({ code: 'SITE_NOT_LISTENING', cause: { code: 'EADDRINUSE' } })
  })

  it('hands out copies, not itself', async () => {
    await using site = await simulateSense({ seed })
    const task = site.task('Reload sales') as { name: string }
    task.name = 'changed'
    expect(site.task('Reload sales').name).toBe('Reload sales')
  })

  it('comes back to a snapshot, as often as it is told to', async () => {
    const clock = createVirtualClock()
    await using site = await simulateSense({ seed, clock })
    site.startTask('Reload sales')
    const snapshot = site.snapshot()
    const names = async () => (await qrs(site, 'GET /app', { query: { orderby: 'name' } })).json().map(({ name }: { name: string }) => name)
    for (const round of [1, 2]) {
      await qrs(site, `DELETE /app/${site.task('Reload sales').app.id}`)
      await qrs(site, 'POST /tag', { body: { name: `round ${round}` } })
      expect(await names()).toEqual(['archive', 'Budget'])
      site.restore(snapshot)
      expect(await names()).toEqual(['archive', 'Budget', 'sales'])
      expect((await qrs(site, 'GET /tag')).json()).toEqual([])
      expect((await qrs(site, 'GET /executionsession')).json()).toEqual([])
      expect(clock.pending).toBe(0)
      expect(site.startTask('Reload sales')).not.toBe('00000000-0000-0000-0000-000000000000')
      await clock.advance(10_000)
      expect(site.task('Reload sales').operational.lastExecutionResult.status).toBe(7)
      const filter = "app.name eq 'sales' and operational.lastExecutionResult.status eq FinishedSuccess"
      expect((await qrs(site, 'GET /reloadtask/count', { query: { filter } })).json()).toEqual({ value: 1 })
    }
  })

  it('may have a clock that is wrong', async () => {
    await using site = await simulateSense({ seed, clock: createVirtualClock(), clockSkewMs: -3_600_000 })
    site.startTask('Reload sales')
    expect(site.task('Reload sales').operational.lastExecutionResult.startTime).toBe('2025-12-31T23:00:00.000Z')
  })

  it('forgets results that are old', async () => {
    const clock = createVirtualClock()
    await using site = await simulateSense({
      seed: { apps: [{ name: 'A' }], reloadTasks: [{ name: 'R', app: 'A', runs: [['success']] }] },
      clock,
    })
    const first = site.startTask('R')
    for (let run = 0; run < 150; run++) site.startTask('R')
    expect((await qrs(site, 'GET /executionresult/count')).json()).toEqual({ value: 100 })
    expect((await qrs(site, 'GET /executionresult/count', { query: { filter: `executionID eq ${first}` } })).json()).toEqual({ value: 0 })
  })

  it('keeps a virtual clock in step with a client in the same process', async () => {
    let settle = async () => {}
    const clock = createVirtualClock({ settle: () => settle() })
    await using site = await simulateSense({ seed, clock })
    settle = () => site.idle()
    const id = site.startTask('Reload sales')
    const seen: number[] = []
    const poll = async (): Promise<void> => {
      const { status } = await qrs(site, `GET /executionsession/${id}`)
      seen.push(status)
      if (status === 200) clock.schedule(() => void poll(), 1_000)
    }
    void poll()
    await clock.advance(20_000)
    expect(seen).toEqual([...Array.from({ length: 10 }, () => 200), 404])
  })

  it('closes twice, with clients connected, and leaves no port and no timer', async () => {
    const clock = createVirtualClock()
    const site = await simulateSense({ seed, clock })
    site.startTask('Reload sales')
    expect((await qrs(site, 'GET /about')).status).toBe(200)
    await Promise.all([site.close(), site.close()])
    await site[Symbol.asyncDispose]()
    await expect(qrs(site, 'GET /about')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(clock.pending).toBe(0)
  })
})
