import { once } from 'node:events'
import { createVirtualClock } from '@butlerkit/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { properHeaders, send } from '../../test/qrs-call.js'
import { until } from '../../test/until.js'
import type { SimulatedSense } from '../simulated-sense.js'
import { simulateSense } from '../site.js'

const clock = createVirtualClock({ settle: () => site.idle() })
let site: SimulatedSense

beforeEach(async () => {
  site = await simulateSense({ clock, seed: { apps: [{ name: 'Sales', id: 'a0a0a0a0-0000-4000-8000-000000000001' }] } })
})

afterEach(() => site.close())

const appId = 'a0a0a0a0-0000-4000-8000-000000000001'
const health = async () => {
  const engine = { host: site.host, port: site.enginePort, certificates: site.certificates }
  return (await send(engine, { method: 'GET', path: '/engine/healthcheck', headers: {} })).json()
}

/** A connection that asks and waits for what comes next. */
async function connect(path = '/app/engineData', headers: Record<string, string> = properHeaders) {
  const { ca, cert, key } = site.certificates
  const ws = new WebSocket(`wss://${site.host}:${site.enginePort}${path}`, { ca, cert, key, headers })
  const next = async () => JSON.parse(String((await once(ws, 'message'))[0] as Buffer))
  const connected = await next()
  return {
    ws,
    connected,
    async ask(frame: object | string) {
      const answer = next()
      ws.send(typeof frame === 'string' ? frame : JSON.stringify({ jsonrpc: '2.0', id: 1, handle: -1, params: [], ...frame }))
      return answer
    },
    async close() {
      ws.close()
      await once(ws, 'close')
    },
  }
}

describe('the engine', () => {
  it('tells how it is', async () => {
    expect(await health()).toMatchObject({
      version: '12.2528.0',
      started: '20260101T000000.000+0000',
      session: { active: 0, total: 0 },
      saturated: false,
    })
    const { ask, close } = await connect('/app/x/ttl/60')
    await ask({ method: 'OpenDoc', params: [appId] })
    expect(await health()).toMatchObject({
      session: { active: 1, total: 1 },
      apps: { active_docs: [appId] },
      users: { active: 1, total: 1 },
    })
    await close()
    await until(async () => (await health()).session.active === 0)
    expect(await health()).toMatchObject({ session: { active: 0, total: 1 }, apps: { active_docs: [], loaded_docs: [appId] } })
    await clock.advance(60_000)
    expect(await health()).toMatchObject({ session: { total: 0 }, apps: { in_memory_docs: [] } })
    const engine = { host: site.host, port: site.enginePort, certificates: site.certificates }
    expect((await send(engine, { method: 'GET', path: '/qrs/about' })).status).toBe(404)
  })

  it('frees a session at once that says so', async () => {
    const { close } = await connect('/app/x/ttl/0')
    expect(await health()).toMatchObject({ session: { total: 1 } })
    await close()
    await until(async () => (await health()).session.total === 0)
  })

  it('takes parameters by place and by name', async () => {
    const { ask, close } = await connect()
    const params = { qDocName: appId, qNoData: true }
    expect(await ask({ method: 'OpenDoc', params })).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: { qReturn: { qType: 'Doc', qHandle: 1, qGenericType: '', qGenericId: appId } },
    })
    expect(await ask({ handle: 1, method: 'GetObject', params: ['none'] })).toMatchObject({
      result: { qReturn: { qType: null, qHandle: null } },
    })
    expect(await ask({ handle: 1, method: 'GetObject', params: { qId: 'AppPropsId' } })).toMatchObject({
      result: { qReturn: { qType: 'GenericObject', qHandle: 2, qGenericType: 'appprops' } },
    })
    await close()
  })

  it('answers what it does not understand', async () => {
    const { ask, close } = await connect()
    expect(await ask('no JSON')).toMatchObject({ id: null, error: { code: -32_700 } })
    expect(await ask('{"id":1}')).toMatchObject({ error: { code: -32_600 } })
    expect(await ask({ method: 'NoSuchMethod' })).toMatchObject({ id: 1, error: { code: -32_601, parameter: 'NoSuchMethod' } })
    expect(await ask({ method: 'constructor' })).toMatchObject({ error: { code: -32_601 } })
    expect(await ask({ handle: 7, method: 'GetLayout' })).toMatchObject({ error: { code: -32_602, parameter: 'handle' } })
    await close()
  })

  it('reloads one app once at a time', async () => {
    const first = await connect('/app/x/identity/1')
    const second = await connect('/app/x/identity/2')
    for (const { ask } of [first, second]) await ask({ method: 'OpenDoc', params: [appId] })
    const reloading = first.ask({ handle: 1, method: 'DoReload' })
    await clock.advance(0)
    expect(await second.ask({ handle: 1, method: 'DoReload' })).toMatchObject({ error: { code: 11_000 } })
    await clock.advance(1_000)
    expect(await reloading).toMatchObject({ result: { qReturn: true }, change: [1] })
    await Promise.all([first.close(), second.close()])
  })

  it.each([
    ['/nothing', properHeaders, 404],
    ['/app/x', {}, 403],
    ['/app/x', { 'X-Qlik-User': 'UserDirectory=LAB; UserId=eve' }, 403],
  ])('refuses %s with %j', async (path, headers, status) => {
    const { ca, cert, key } = site.certificates
    const ws = new WebSocket(`wss://${site.host}:${site.enginePort}${path}`, { ca, cert, key, headers })
    ws.on('error', () => {})
    const [, response] = await once(ws, 'unexpected-response')
    expect(response.statusCode).toBe(status)
    response.resume()
  })
})
