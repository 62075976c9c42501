import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createVirtualClock } from '@butlerkit/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { send, xrfkey, type CallOptions } from '../../test/qrs-call.js'
import type { SimulatedSense } from '../simulated-sense.js'
import { simulateSense } from '../site.js'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = (key: typeof rsa.publicKey) => key.export({ type: 'spki', format: 'pem' }).toString()
const clock = createVirtualClock({ settle: () => site.idle() })
let site: SimulatedSense

beforeEach(async () => {
  site = await simulateSense({
    clock,
    seed: {
      users: [{ directory: 'LAB', id: 'gone', inactive: true }],
      apps: [{ name: 'Sales' }],
      virtualProxies: [
        {},
        { prefix: 'hdr', headerName: 'Hdr-Usr', userDirectory: 'HDR' },
        { prefix: 'jwt', jwtKey: pem(rsa.publicKey) },
        { prefix: 'ec', jwtKey: pem(ec.publicKey) },
        { prefix: 'secret', jwtKey: 'a-shared-secret', csrf: true, allowedOrigins: ['https://good.lab'], sessionTimeout: 10 },
      ],
    },
  })
})

afterEach(() => site.close())

interface ProxyCall extends CallOptions {
  readonly method?: string
}

/** A call through the proxy, without a certificate. */
function call(path: string, { method = 'GET', headers, query = {}, ...rest }: ProxyCall = {}) {
  const search = new URLSearchParams({ xrfkey, ...query })
  const { ca } = site.certificates
  const proxied = { host: site.host, port: site.proxyPort, certificates: site.certificates }
  return send(proxied, {
    ...rest,
    method,
    path: `${path}?${search.toString()}`,
    headers: { 'X-Qlik-Xrfkey': xrfkey, ...headers },
    tls: { ca },
  })
}

const claims = { userId: 'ann', userDirectory: 'JWT' }
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
function token(alg: string, signature: (data: Buffer) => Buffer, body: object = claims): string {
  const data = `${encode({ alg, typ: 'JWT' })}.${encode(body)}`
  return `Bearer ${data}.${signature(Buffer.from(data)).toString('base64url')}`
}
const rs256 = (body?: object) => token('RS256', (data) => sign('sha256', data, rsa.privateKey), body)
const hs256 = (key = 'a-shared-secret') => token('HS256', (data) => createHmac('sha256', key).update(data).digest())

describe('the proxy', () => {
  it('lets in who is named in its header, and keeps the session in a cookie', async () => {
    const first = await call('/hdr/qrs/about', { headers: { 'hdr-usr': String.raw`LAB\ann` } })
    expect(first.status).toBe(200)
    const cookie = first.headers['set-cookie']?.[0] ?? ''
    expect(cookie).toMatch(/^X-Qlik-Session-hdr=[0-9a-f-]{36}; Path=\/; HttpOnly; Secure; SameSite=None$/)
    const again = await call('/hdr/qrs/tag', { method: 'POST', headers: { cookie: cookie.split(';')[0] ?? '' }, body: { name: 'mine' } })
    expect(again.json()).toMatchObject({ modifiedByUserName: String.raw`LAB\ann` })
    expect(again.headers['set-cookie']).toBeUndefined()
    expect(
      (await call('/HDR/qrs/user', { headers: { 'hdr-usr': 'ben' }, query: { filter: "userDirectory eq 'HDR'" } })).json(),
    ).toMatchObject([{ userId: 'ben' }])
    expect((await call('/hdr/qrs/about', { headers: { 'hdr-usr': String.raw`LAB\gone` } })).status).toBe(403)
  })

  it('does not believe what a client says of itself', async () => {
    const headers = { 'X-Qlik-User': 'UserDirectory=INTERNAL; UserId=sa_api' }
    expect((await call('/qrs/about', { headers })).status).toBe(302)
    const tag = await call('/hdr/qrs/tag', { method: 'POST', headers: { ...headers, 'hdr-usr': 'ann' }, body: { name: 'x' } })
    expect(tag.json().modifiedByUserName).toBe(String.raw`HDR\ann`)
    expect((await call('/hdr/qrs/about', { headers: { 'hdr-usr': 'ann', 'X-Qlik-Xrfkey': 'fedcba9876543210' } })).status).toBe(403)
  })

  it('sends who is not logged in to a form, or away', async () => {
    const away = await call('/qrs/about')
    expect(away).toMatchObject({ status: 302 })
    const { pathname } = new URL(away.headers.location ?? '')
    expect(await call(pathname)).toMatchObject({ status: 200, type: 'text/html; charset=utf-8', text: expect.stringContaining('<form') })
    expect((await call('/qrs/about', { headers: { 'X-Requested-With': 'XMLHttpRequest' } })).status).toBe(401)
    expect((await call('/qrs/tag', { method: 'POST', body: { name: 'x' } })).status).toBe(401)
    expect((await call('/jwt/qrs/about')).status).toBe(401)
  })

  it.each([
    ['RS256', () => rs256(), '/jwt', 200],
    ['ES256', () => token('ES256', (data) => sign('sha256', data, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' })), '/ec', 200],
    ['HS256', () => hs256(), '/secret', 200],
    ['another secret', () => hs256('guess'), '/secret', 401],
    ['a public key taken for a secret', () => hs256(pem(rsa.publicKey)), '/jwt', 401],
    ['no signature', () => token('none', () => Buffer.alloc(0)), '/jwt', 401],
    ['an old one', () => rs256({ ...claims, exp: clock.now() / 1_000 }), '/jwt', 401],
    ['one of tomorrow', () => rs256({ ...claims, nbf: clock.now() / 1_000 + 60 }), '/jwt', 401],
    ['one in time', () => rs256({ ...claims, exp: clock.now() / 1_000 + 60 }), '/jwt', 200],
    ['one of nobody', () => rs256({ userId: 'ann' }), '/jwt', 401],
    ['one where none is taken', () => rs256(), '/hdr', 401],
    ['nonsense', () => 'Bearer a.b', '/jwt', 401],
  ])('takes a token: %s', async (_, authorization, prefix, status) => {
    expect((await call(`${prefix}/qrs/about`, { headers: { authorization: authorization() } })).status).toBe(status)
  })

  it('takes a ticket once, and soon', async () => {
    const ticket = async (body: object, prefix = '') => {
      const api = { host: site.host, port: site.proxyApiPort, certificates: site.certificates }
      const headers = { 'X-Qlik-Xrfkey': xrfkey }
      return send(api, { method: 'POST', path: `/qps${prefix}/ticket?xrfkey=${xrfkey}`, headers, body })
    }
    const made = await ticket({ UserDirectory: 'LAB', UserId: 'ann', Attributes: [] })
    expect(made).toMatchObject({ status: 201 })
    expect(made.json()).toEqual({ UserDirectory: 'LAB', UserId: 'ann', Attributes: [], Ticket: expect.any(String), TargetUri: null })
    const use = (qlikTicket: string) => call('/qrs/about', { query: { qlikTicket } })
    expect((await use(made.json().Ticket)).status).toBe(200)
    expect((await use(made.json().Ticket)).status).toBe(302)
    const late = (await ticket({ UserDirectory: 'LAB', UserId: 'ann' })).json().Ticket
    await clock.advance(60_000)
    expect((await use(late)).status).toBe(302)
    const elsewhere = (await ticket({ UserDirectory: 'LAB', UserId: 'ann' }, '/hdr')).json().Ticket
    expect((await use(elsewhere)).status).toBe(302)
    expect((await ticket({ UserDirectory: 'LAB', UserId: String.raw`LAB\ann` })).status).toBe(400)
    expect((await ticket({ UserId: 'ann' })).status).toBe(400)
    expect((await ticket({}, '/none')).status).toBe(404)
    for (const request of site.requests) expect(JSON.stringify(request)).not.toContain(late)
  })

  it('ends sessions: after a time, and all of a user at once', async () => {
    const headers = { authorization: hs256() }
    const cookieOf = async () => ((await call('/secret/qrs/about', { headers })).headers['set-cookie']?.[0] ?? '').split(';')[0] ?? ''
    const [one, two] = [await cookieOf(), await cookieOf()]
    const csrf = (await call('/secret/qps/csrftoken', { headers: { cookie: one } })).headers['qlik-csrf-token'] as string
    await call('/secret/qps/user', { method: 'DELETE', headers: { cookie: one, 'qlik-csrf-token': csrf } })
    expect((await call('/secret/qrs/about', { headers: { cookie: two } })).status).toBe(401)
    const three = await cookieOf()
    await clock.advance(9 * 60_000)
    expect((await call('/secret/qrs/about', { headers: { cookie: three } })).status).toBe(200)
    await clock.advance(10 * 60_000)
    expect((await call('/secret/qrs/about', { headers: { cookie: three } })).status).toBe(401)
  })

  it('lists sessions, and ends one', async () => {
    await call('/hdr/qrs/about', { headers: { 'hdr-usr': 'ann' } })
    const api = { host: site.host, port: site.proxyApiPort, certificates: site.certificates }
    const ask = (method: string, path: string) =>
      send(api, { method, path: `${path}?xrfkey=${xrfkey}`, headers: { 'X-Qlik-Xrfkey': xrfkey } })
    const [session] = (await ask('GET', '/qps/hdr/session')).json()
    expect(session).toMatchObject({ UserDirectory: 'HDR', UserId: 'ann', Attributes: [] })
    expect((await ask('GET', `/qps/hdr/session/${session.SessionId}`)).json()).toEqual(session)
    expect((await ask('DELETE', `/qps/hdr/session/${session.SessionId}`)).status).toBe(200)
    expect((await ask('GET', '/qps/hdr/session')).json()).toEqual([])
    expect((await ask('GET', `/qps/hdr/session/${session.SessionId}`)).status).toBe(404)
  })

  it('wants a token against cross-site requests where it is told to', async () => {
    const headers = { authorization: hs256() }
    const cookie = ((await call('/secret/qrs/about', { headers })).headers['set-cookie']?.[0] ?? '').split(';')[0] ?? ''
    const csrf = (await call('/secret/qps/csrftoken', { headers: { cookie } })).headers['qlik-csrf-token'] as string
    const post = async (more: Record<string, string>) =>
      (await call('/secret/qrs/tag', { method: 'POST', headers: { cookie, ...more }, body: { name: 't' } })).status
    expect(await post({})).toBe(403)
    expect(await post({ 'qlik-csrf-token': csrf })).toBe(201)
    const upgrade = (query: string, origin?: string) =>
      outcome(`/secret/app/engineData${query}`, { cookie, ...(origin === undefined ? {} : { origin }) })
    expect(await upgrade('', 'https://good.lab')).toBe(403)
    expect(await upgrade(`?qlik-csrf-token=${csrf}`)).toBe(403)
    expect(await upgrade(`?qlik-csrf-token=${csrf}`, 'https://bad.lab')).toBe(403)
    expect(await upgrade(`?qlik-csrf-token=${csrf}`, 'https://good.lab')).toMatchObject([
      { method: 'OnAuthenticationInformation', params: { userId: 'ann', userDirectory: 'JWT', mustAuthenticate: false } },
      { method: 'OnConnected', params: { qSessionState: 'SESSION_CREATED' } },
    ])
  })

  it('leads to the engine, for five sessions at once', async () => {
    const headers = { 'hdr-usr': 'ann' }
    for (let index = 0; index < 5; index++) expect(await outcome(`/hdr/app/x/identity/${index}`, headers)).toHaveLength(2)
    const sixth = (await outcome('/hdr/app/x/identity/5', headers)) as { method: string; params: object }[]
    expect(sixth[1]).toMatchObject({ method: 'OnMaxParallelSessionsExceeded', params: { severity: 'fatal' } })
    expect(await outcome('/hdr/app/x/identity/0', headers)).toMatchObject([{}, { params: { qSessionState: 'SESSION_ATTACHED' } }])
    expect(await outcome('/hdr/app/x', {})).toMatchObject([
      { params: { mustAuthenticate: true, loginUri: expect.stringContaining('/hdr/') } },
    ])
    expect(await outcome('/jwt/app/x', { authorization: 'Bearer a.b.c' })).toBe(401)
    expect((await call('/hdr/engine/healthcheck', { headers })).json()).toMatchObject({ session: { total: 5 }, users: { total: 1 } })
  })
})

/** The first frames of a websocket, at most two, or the status it is refused with. */
async function outcome(path: string, headers: Record<string, string>): Promise<unknown[] | number | undefined> {
  const ws = new WebSocket(`wss://${site.host}:${site.proxyPort}${path}`, { ca: site.certificates.ca, headers })
  const frames: unknown[] = []
  return new Promise((resolve) => {
    ws.on('error', () => {})
    ws.on('unexpected-response', (_, response) => {
      response.resume()
      resolve(response.statusCode)
    })
    ws.on('message', (data: Buffer) => {
      frames.push(JSON.parse(data.toString()))
      if (frames.length === 2) resolve(once(ws, 'close').then(() => frames))
      if (frames.length === 2) ws.close()
    })
    ws.on('close', () => resolve(frames))
  })
}
