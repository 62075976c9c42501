import { inspect } from 'node:util'
import { apiKey, createCloud, oauth, type CloudAuth, type CloudOptions } from '@butlerkit/sense/cloud'
import { MockAgent, type Dispatcher } from 'undici'
import { describe, expect, it } from 'vitest'
import { createImpatientClock } from './support/impatient-clock.js'
import { recordTo, type LogLine } from './support/record-log.js'

const tenant = 'https://acme.eu.qlikcloud.com'
const id = 'a2b8c7d6-1111-4222-8333-444455556666'
const canaries = ['canary-key-123456', 'canary-secret-123456', 'canary-client-123456', 'canary-token-123456']
const [key = '', clientSecret = '', clientId = '', token = ''] = canaries

describe('an option of createCloud', () => {
  it.each<[string, Partial<CloudOptions>]>([
    ['tenant', { tenant: 'acme.eu.qlikcloud.com' }],
    ['tenant', { tenant: 'http://acme.eu.qlikcloud.com' }],
    ['tenant', { tenant: `${tenant}/api/v1` }],
    ['tenant', { tenant: 'https://user:secret@acme.eu.qlikcloud.com' }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['connectTimeoutMs', { connectTimeoutMs: 1.5 }],
    ['maxConnections', { maxConnections: Number.NaN }],
    ['allowApps.ids', { allowApps: { ids: ['Sales'] } }],
  ])('that cannot be used is named: %s', (name, options) => {
    const make = () => createCloud({ tenant, auth: apiKey(key), ...options })
    expect(make).toThrow(expect.objectContaining({ code: 'SENSE_OPTION', message: expect.stringMatching(new RegExp(`^${name}`)) }))
  })

  it.each([
    ['key', () => apiKey('')],
    ['key', () => apiKey(`${key}\n`)],
    ['clientId', () => oauth({ clientId: '', clientSecret })],
    ['clientSecret', () => oauth({ clientId, clientSecret: 'ü' })],
    ['scope', () => oauth({ clientId, clientSecret, scope: '' })],
  ])('of its auth that cannot be used is named, not shown: %s', (name, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'SENSE_OPTION', message: `${name} must be printable ASCII text, and not empty` }))
  })

  it('that is an authority must be PEM', () => {
    expect(() => createCloud({ tenant, auth: apiKey(key), ca: 'nothing' })).toThrow(expect.objectContaining({ code: 'SENSE_CERTIFICATE' }))
  })

  it('takes the address with or without its last slash', async () => {
    for (const address of [tenant, `${tenant}/`]) {
      await using t = open(apiKey(key), () => ({ statusCode: 200, data: { data: [] } }), { tenant: address })
      expect(await t.cloud.apps.list()).toEqual([])
    }
  })
})

describe('a dispatcher of one’s own', () => {
  it('carries the requests, and stays open', async () => {
    const asked: unknown[] = []
    await using t = open(apiKey(key), (request) => {
      asked.push(request.path)
      return { statusCode: 200, data: { data: [] } }
    })
    await t.cloud.apps.list({ name: 'A & B' })
    await t.cloud.close()
    expect(asked).toEqual(['/api/v1/items?resourceType=app&name=A%20%26%20B&limit=100'])
    expect((await t.mock.request({ origin: tenant, path: '/api/v1/items', method: 'GET' })).statusCode).toBe(200)
  })

  it('gets the scope of an OAuth client', async () => {
    const bodies: unknown[] = []
    await using t = open(oauth({ clientId, clientSecret, scope: 'apps admin_classic' }), ({ path, body }) => {
      if (path === '/oauth/token') bodies.push(JSON.parse(String(body)))
      return { statusCode: 200, data: { access_token: token, data: [] } }
    })
    await t.cloud.apps.list()
    const grant = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope: 'apps admin_classic' }
    expect(bodies).toEqual([grant])
  })
})

describe('keys, secrets and tokens', () => {
  it.each<[string, CloudAuth, number, string]>([
    ['a key with', apiKey(key), 401, 'CLOUD_AUTH'],
    ['a key with', apiKey(async () => key), 403, 'CLOUD_FORBIDDEN'],
    ['a key with', apiKey(key), 500, 'CLOUD_STATUS'],
    ['a key with', apiKey(key), 200, 'CLOUD_ANSWER'],
    ['an OAuth client with', oauth({ clientId, clientSecret }), 401, 'CLOUD_AUTH'],
    ['an OAuth client with', oauth({ clientId, clientSecret }), 500, 'CLOUD_STATUS'],
    ['a token with', oauth({ clientId, clientSecret }), 403, 'CLOUD_FORBIDDEN'],
    ['a token with', oauth({ clientId, clientSecret }), 500, 'CLOUD_STATUS'],
  ])('are in nothing that comes of %s %s %i', async (what, auth, statusCode, code) => {
    const text = (value: unknown) => inspect(value, { depth: Infinity, showHidden: true })
    // A server that repeats all it was told.
    await using t = open(auth, ({ path, headers, body }) => {
      if (what.startsWith('a token') && path === '/oauth/token') return { statusCode: 200, data: { access_token: token, expires_in: 60 } }
      return { statusCode, data: { heard: { headers, body: String(body) } } }
    })
    const failures = await Promise.all([
      t.cloud.apps.list().catch((error: unknown) => error),
      t.cloud.reloads.start(id).catch((error: unknown) => error),
    ])
    expect(failures).toMatchObject([{ code }, { code }])
    const seen = [text(failures), JSON.stringify(failures), text(t.log), text(auth), JSON.stringify(auth), text(t.cloud)].join('\n')
    expect(canaries.filter((canary) => seen.includes(canary))).toEqual([])
  })
})

interface Asked {
  readonly path: string
  readonly headers: unknown
  readonly body?: unknown
}

/** A client whose requests are answered here. */
function open(auth: CloudAuth, answer: (asked: Asked) => { statusCode: number; data: object }, options: Partial<CloudOptions> = {}) {
  const mock = new MockAgent()
  mock.disableNetConnect()
  const any = { path: () => true, method: () => true }
  mock
    .get(tenant)
    .intercept(any)
    .reply((asked) => answer({ path: asked.path, headers: asked.headers, body: asked.body }))
    .persist()
  const log: LogLine[] = []
  const dispatcher: Dispatcher = mock
  const cloud = createCloud({ tenant, auth, dispatcher, clock: createImpatientClock(), logger: recordTo(log), ...options })
  return {
    cloud,
    log,
    mock,
    async [Symbol.asyncDispose]() {
      await cloud.close()
      await mock.close()
    },
  }
}
