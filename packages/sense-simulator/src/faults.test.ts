import { once } from 'node:events'
import { createVirtualClock } from '@butlerkit/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { properHeaders, qrs } from '../test/qrs-call.js'
import type { EngineFault, RequestFault } from './faults.js'
import type { SimulatedSense } from './simulated-sense.js'
import { simulateSense } from './site.js'

const clock = createVirtualClock({ settle: () => site.idle() })
let site: SimulatedSense

beforeEach(async () => {
  site = await simulateSense({
    clock,
    seed: { apps: [{ name: 'A' }, { name: 'B' }, { name: 'C' }], reloadTasks: [{ name: 'Reload', app: 'A', runs: [['started']] }] },
  })
})

afterEach(() => site.close())

const start = () => qrs(site, `POST /task/${site.task('Reload').id}/start`)
const runs = async () => (await qrs(site, 'GET /executionsession/count')).json().value as number

describe('a fault of a request', () => {
  it.each<[RequestFault, number]>([
    [{ kind: 'reset', at: 'request', method: 'POST' }, 0],
    [{ kind: 'reset', at: 'reply', method: 'POST' }, 1],
    [{ kind: 'reset', at: 'headers', method: 'POST' }, 1],
  ])('breaks off: %j leaves %i runs', async (fault, left) => {
    site.faults.add(fault)
    await expect(start()).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) })
    expect(await runs()).toBe(left)
    expect(site.requests.matching({ method: 'POST' })).toMatchObject([{ status: left === 0 ? 0 : 204 }])
  })

  it('cuts a body in two, with an end that is proper or not', async () => {
    site.faults.add({ kind: 'truncate', path: '/qrs/app' })
    const cut = await qrs(site, 'GET /app')
    expect(cut.status).toBe(200)
    expect(() => cut.json()).toThrow(SyntaxError)
    site.faults.add({ kind: 'reset', at: 'body', path: '/qrs/app' })
    await expect(qrs(site, 'GET /app')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('takes time, by the clock', async () => {
    site.faults.add({ kind: 'delay', ms: 3_000, jitterMs: 1_000, path: /about/ })
    let done = false
    const slow = qrs(site, 'GET /about').then((reply) => {
      done = true
      return reply
    })
    await clock.advance(2_999)
    expect(done).toBe(false)
    await clock.advance(1_001)
    expect((await slow).status).toBe(200)
  })

  it('comes in drops', async () => {
    site.faults.add({ kind: 'drip', bytes: 100, everyMs: 1_000, path: /about/ })
    const slow = qrs(site, 'GET /about')
    await clock.advance(5_000)
    expect((await slow).json()).toMatchObject({ schemaPath: 'About' })
  })

  it('never ends, and does nothing', async () => {
    site.faults.add({ kind: 'hang', method: 'POST' })
    const hanging = start().catch((error: { code: string }) => error.code)
    await clock.advance(60_000)
    expect(await runs()).toBe(0)
    await site.close()
    expect(await hanging).toBe('ECONNRESET')
  })

  it('says something that is not so', async () => {
    site.faults.add({ kind: 'miscount', by: 2, path: '/qrs/app/count' })
    site.faults.add({ kind: 'limit', rows: 2, path: '/qrs/app/full' })
    site.faults.add({ kind: 'contentType', contentType: 'text/html', path: '/qrs/tag' })
    expect((await qrs(site, 'GET /app/count')).json()).toEqual({ value: 5 })
    expect((await qrs(site, 'GET /app/full')).json()).toHaveLength(2)
    expect((await qrs(site, 'GET /tag')).type).toBe('text/html')
    for (const path of ['/qrs/about', '/qrs/tag']) site.faults.add({ kind: 'limit', rows: 0, path })
    site.faults.add({ kind: 'miscount', by: 1, path: '/qrs/stream' })
    expect((await qrs(site, 'GET /about')).json()).toMatchObject({ schemaPath: 'About' })
    expect((await qrs(site, 'GET /stream')).json()).toHaveLength(2)
    site.faults.clear()
    site.faults.add({ kind: 'answer', status: 200, body: '<html>Log in</html>', headers: { 'content-type': 'text/html' } })
    expect(await qrs(site, 'GET /app')).toMatchObject({ type: 'text/html', text: '<html>Log in</html>' })
    expect((await qrs(site, 'GET /app')).json()).toHaveLength(3)
  })
})

describe('the schedule of a fault', () => {
  const statuses = async (count: number) => {
    const seen: number[] = []
    for (let at = 0; at < count; at++) seen.push((await qrs(site, 'GET /about')).status)
    return seen
  }

  it('lets some pass, strikes as often as told, and is forgotten', async () => {
    site.faults.add({ kind: 'answer', status: 500, path: /about/, after: 1, times: 2 })
    site.faults.add({ kind: 'answer', status: 418, path: '/qrs/none' })
    expect(await statuses(4)).toEqual([200, 500, 500, 200])
    site.faults.add({ kind: 'answer', status: 503, times: Infinity })
    expect(await statuses(2)).toEqual([503, 503])
    site.faults.clear()
    expect(await statuses(1)).toEqual([200])
  })

  it('draws lots that are the same in every run', async () => {
    const fault: RequestFault = { kind: 'answer', status: 500, probability: 0.5, times: Infinity }
    site.faults.add(fault)
    const seen = await statuses(12)
    expect(new Set(seen)).toEqual(new Set([200, 500]))
    await using twin = await simulateSense()
    twin.faults.add(fault)
    for (const status of seen) expect((await qrs(twin, 'GET /about')).status).toBe(status)
  })
})

describe('a repository that is started anew', () => {
  it('answers 503 for a while', async () => {
    site.restart(2_000)
    expect((await qrs(site, 'GET /about')).status).toBe(503)
    await clock.advance(2_000)
    expect((await qrs(site, 'GET /about')).status).toBe(200)
  })
})

describe('a certificate', () => {
  it.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['notYetValid', 'CERT_NOT_YET_VALID'],
    ['wrongHost', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['untrusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['refusesClients', expect.stringMatching(/ECONNRESET|ERR_SSL/)],
  ] as const)('that is %s is refused by a careful client: %s', async (shown, code) => {
    await site.showCertificate(shown)
    await expect(qrs(site, 'GET /about')).rejects.toMatchObject({ code })
    await site.showCertificate('valid')
    expect((await qrs(site, 'GET /about')).status).toBe(200)
  })
})

describe('a fault of the engine', () => {
  const connect = () => {
    const { ca, cert, key } = site.certificates
    return new WebSocket(`wss://${site.host}:${site.enginePort}/app/engineData`, { ca, cert, key, headers: properHeaders })
  }
  const frame = async (ws: WebSocket) => (await once(ws, 'message'))[0].toString() as string
  const call = { jsonrpc: '2.0', id: 1, handle: -1, method: 'EngineVersion', params: [] }

  it.each([401, 403, 404, 502])('refuses the upgrade with %i', async (status) => {
    site.failNext({ path: /^\/app\//, status })
    const ws = connect()
    ws.on('error', () => {})
    const [, response] = await once(ws, 'unexpected-response')
    expect(response.statusCode).toBe(status)
    response.resume()
  })

  it.each<[EngineFault, string]>([
    [
      { qix: 'EngineVersion', kind: 'error', code: 15 },
      '{"jsonrpc":"2.0","id":1,"error":{"code":15,"parameter":"","message":"Simulated error"}}',
    ],
    [{ qix: '*', kind: 'garbage' }, '<html>'],
  ])('answers a message: %j', async (fault, expected) => {
    site.faults.add(fault)
    const ws = connect()
    expect(await frame(ws)).toContain('SESSION_CREATED')
    ws.send(JSON.stringify(call))
    expect(await frame(ws)).toContain(expected)
    ws.send(JSON.stringify({ ...call, id: 2 }))
    expect(await frame(ws)).toContain('qComponentVersion')
    ws.terminate()
  })

  it('ends a session with a fatal notice', async () => {
    site.faults.add({ qix: '*', kind: 'notice', notice: 'OnSessionTimedOut' })
    const ws = connect()
    await frame(ws)
    ws.send(JSON.stringify(call))
    expect(await frame(ws)).toContain('"method":"OnSessionTimedOut","params":{"severity":"fatal"')
    await once(ws, 'close')
  })

  it.each([1_000, 1_001, 1_006, 1_011, 4_000])('closes with %i at a chosen message', async (code) => {
    site.faults.add({ qix: 'EngineVersion', kind: 'close', code, after: 1 })
    const ws = connect()
    await frame(ws)
    ws.send(JSON.stringify(call))
    expect(await frame(ws)).toContain('qComponentVersion')
    ws.send(JSON.stringify({ ...call, id: 2 }))
    expect((await once(ws, 'close'))[0]).toBe(code)
  })

  it('greets with what is wrong', async () => {
    site.faults.add({ qix: 'OnConnected', kind: 'state', state: 'SESSION_ERROR_NO_LICENSE' })
    const ws = connect()
    expect(JSON.parse(await frame(ws))).toEqual({
      jsonrpc: '2.0',
      method: 'OnConnected',
      params: { qSessionState: 'SESSION_ERROR_NO_LICENSE' },
    })
    ws.terminate()
    site.faults.add({ qix: 'OnConnected', kind: 'notice', notice: 'OnNoEngineAvailable' })
    const refused = connect()
    expect(await frame(refused)).toContain('OnNoEngineAvailable')
    await once(refused, 'close')
  })
})
