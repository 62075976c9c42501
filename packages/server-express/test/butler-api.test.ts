import { ButlerError, type LogFields } from '@butlerkit/core'
import { createVirtualClock } from '@butlerkit/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { butlerApi, type ButlerApiOptions } from '../src/index.js'
import { apiKey, butler, createDeferred, sense, serve } from './serve.js'

const taskId = '0d815a99-1c62-4ec3-8b3f-0f5f2d4b2b27'

const opened: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()))
})

async function open(options: Partial<ButlerApiOptions> = {}) {
  const server = await serve(options)
  opened.push(server)
  return server
}

function recordLog() {
  const lines: { readonly level: string; readonly message: string; readonly fields: LogFields | undefined }[] = []
  const write = (level: string) => (message: string, fields?: LogFields) => void lines.push({ level, message, fields })
  return { lines, logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') } }
}

describe('liveness and readiness', () => {
  it('livez answers without a key, and however the butler is', async () => {
    const { get } = await open({ apiKeys: [], butler: { ...butler, health: () => ({ ready: false, components: {} }) } })
    expect(await get('/livez', { headers: {} })).toMatchObject({ status: 200, type: 'application/json', body: { status: 'alive' } })
  })

  it('readyz answers 200 when ready, naming parts and states only', async () => {
    const component = { state: 'connected', ready: true, since: new Date(0), reason: 'mqtts://user:pw@broker' }
    const { get } = await open({ butler: { ...butler, health: () => ({ ready: true, components: { mqtt: component } }) } })
    expect(await get('/readyz', { headers: {} })).toMatchObject({
      status: 200,
      text: '{"status":"ready","components":{"mqtt":{"state":"connected","ready":true}}}',
    })
  })

  it('readyz answers 503 when not, in the same shape', async () => {
    const components = { mqtt: { state: 'reconnecting', ready: false, reason: 'refused' }, sense: { state: 'connected', ready: true } }
    const { get } = await open({ butler: { ...butler, health: () => ({ ready: false, components }) } })
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      body: {
        status: 'not ready',
        components: { mqtt: { state: 'reconnecting', ready: false }, sense: { state: 'connected', ready: true } },
      },
    })
  })
})

describe('the key', () => {
  it.each<[string, Record<string, string>, number]>([
    ['as a bearer token', { authorization: `Bearer ${apiKey}` }, 200],
    ['as a bearer token, however it is spelt', { authorization: `bearer  ${apiKey}` }, 200],
    ['in X-Api-Key', { 'x-api-key': apiKey }, 200],
    ['in X-Api-Key behind somebody else’s Authorization', { authorization: 'Basic dTpw', 'x-api-key': apiKey }, 200],
    ['the second of two', { 'x-api-key': 'second-key-0123456789' }, 200],
    ['none', {}, 401],
    ['empty', { 'x-api-key': '' }, 401],
    ['empty bearer', { authorization: 'Bearer ' }, 401],
    ['wrong', { 'x-api-key': 'x'.repeat(apiKey.length) }, 401],
    ['its beginning', { 'x-api-key': apiKey.slice(0, -1) }, 401],
    ['more than it', { 'x-api-key': `${apiKey}x` }, 401],
    ['another case', { 'x-api-key': apiKey.toUpperCase() }, 401],
    ['both keys at once', { 'x-api-key': `${apiKey}, second-key-0123456789` }, 401],
    ['without a scheme', { authorization: apiKey }, 401],
    ['another scheme', { authorization: `Basic ${apiKey}` }, 401],
  ])('%s', async (_, headers, status) => {
    const { get } = await open({ apiKeys: [apiKey, 'second-key-0123456789'] })
    const answer = await get('/butlerPing', { headers })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null)
  })

  it.each(['apiKey', 'api_key', 'x-api-key', 'access_token', 'key'])('is not read from the query: %s', async (name) => {
    const { get } = await open()
    expect((await get(`/butlerPing?${name}=${apiKey}`, { headers: {} })).status).toBe(401)
  })

  it('is needed before anything is told: a missing and a wrong one, a good and a bad query answer alike', async () => {
    const { get } = await open({ sense })
    const bad = { 'x-api-key': 'wrong-key-0123456789' }
    const answers = await Promise.all([
      get('/butlerPing', { headers: {} }),
      get('/butlerPing', { headers: bad }),
      get('/senseStartTask?taskId=1', { headers: bad }),
    ])
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  })

  const endpoints = [
    'butlerPing',
    'createDir',
    'createDirQVD',
    'getDiskSpace',
    'mqttPublishMessage',
    'senseListApps',
    'senseAppDump',
    'senseQRSPing',
    'senseStartTask',
    'slackPostMessage',
  ]
  const everything = {
    sense,
    notify: { name: 'test', notify: () => Promise.resolve({ notifier: 'test' }) },
    directories: { roots: ['/data'], qvdRoot: '/qvd' },
    publishTopics: ['#'],
  }

  it.each(endpoints)('%s stays closed where no key is set', async (name) => {
    const none = await open({ ...everything, apiKeys: [] })
    expect((await none.get(`/${name}`)).status).toBe(401)
    expect((await none.get(`/${name}`, { headers: { 'x-api-key': '' } })).status).toBe(401)
  })

  it.each(endpoints.filter((name) => name !== 'butlerPing'))('%s is not there where what it needs was not given', async (name) => {
    const { get } = await open()
    expect((await get(`/${name}`)).status).toBe(404)
  })

  it('is not needed once insecure is written out', async () => {
    const { get } = await open({ apiKeys: [], insecure: true })
    expect((await get('/butlerPing', { headers: {} })).status).toBe(200)
  })

  it('never appears in an answer or a log, nor does the query', async () => {
    const { lines, logger } = recordLog()
    const boom = () => Promise.reject(new Error('boom'))
    const { get } = await open({ logger, sense: { ...sense, tasks: { start: boom } } })
    const asked = ['/butlerPing', `/butlerPing?apiKey=${apiKey}`, `/senseStartTask?taskId=${apiKey}`, `/senseStartTask?taskId=${taskId}`]
    const answers = await Promise.all([
      ...asked.map((path) => get(path)),
      ...asked.map((path) => get(path, { headers: { authorization: `Bearer ${apiKey}x` } })),
      ...asked.map((path) => get(path, { method: 'POST' })),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 400, 500, 401, 401, 401, 401, 405, 405, 405, 405])
    expect(lines).toHaveLength(11)
    expect(JSON.stringify([answers, lines, answers.map(({ headers }) => [...headers])])).not.toContain(apiKey)
  })
})

describe('an option that is wrong', () => {
  it.each<[string, Partial<ButlerApiOptions>]>([
    ['a short key', { apiKeys: ['CANARY'] }],
    ['an empty key', { apiKeys: [''] }],
    ['a key with a space', { apiKeys: ['CANARY 0123456789abcdef'] }],
    ['a key that is not there', { apiKeys: [undefined as never] }],
    ['keys beside insecure', { apiKeys: [apiKey], insecure: true }],
    ['insecure as a text', { apiKeys: [], insecure: 'false' as never }],
    ['no time', { timeoutMs: 0 }],
    ['too much time', { timeoutMs: 2_147_483_648 }],
    ['a relative root', { directories: { roots: ['data'] } }],
    ['a relative QVD root', { directories: { qvdRoot: './qvd' } }],
    ['a relative disk path', { diskPaths: ['.'] }],
    ['a bad topic filter', { publishTopics: ['a/#/b'] }],
  ])('is refused at once: %s', (_, options) => {
    const expected = expect.objectContaining({ code: 'API_OPTIONS', message: expect.not.stringContaining('CANARY') })
    expect(() => butlerApi({ butler, ...options })).toThrow(expected)
  })
})

describe('a request', () => {
  it.each(['/butlerPing', '/butlerping', '/BUTLERPING', '/butlerPing/'])('finds %s whatever its case', async (path) => {
    const { get } = await open()
    expect((await get(path)).status).toBe(200)
  })

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])('with %s does no work and answers 405', async (method) => {
    const started: string[] = []
    const tasks = { start: (id: string) => (started.push(id), Promise.resolve({ executionId: 'e' })) }
    const { get } = await open({ sense: { ...sense, tasks } })
    const answer = await get(`/senseStartTask?taskId=${taskId}`, { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET')
    expect(started).toEqual([])
  })

  it('for what is not ours goes on to the app', async () => {
    const { get } = await open()
    expect((await get('/senseAppReload?appId=1')).status).toBe(404)
  })

  it('is answered anew each time: no cache, no ETag, no sniffing, nothing about the server', async () => {
    const { get } = await open()
    const { headers } = await get('/butlerPing')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('etag')).toBeNull()
    expect(headers.get('x-powered-by')).toBeNull()
    expect((await get('/butlerPing', { headers: { 'x-api-key': apiKey, 'if-none-match': '*' } })).status).toBe(200)
  })

  it.each([
    ['an unknown parameter', `?taskId=${taskId}&force=1`, 'force'],
    ['a misspelt one', `?task=${taskId}`, 'task'],
    ['a missing one', '', 'taskId'],
    ['one given twice', `?taskId=${taskId}&taskId=${taskId}`, 'taskId'],
    ['one given in both spellings', `?taskId=${taskId}&taskid=${taskId}`, 'taskid'],
    ['one in brackets', `?taskId[]=${taskId}`, 'taskId[]'],
    ['a prototype key', `?taskId=${taskId}&__proto__=x`, '__proto__'],
    ['a value that does not fit', '?taskId=all', 'taskId'],
  ])('with %s is 400 and names it', async (_, query, name) => {
    const { get } = await open({ sense })
    const { status, type, body } = await get(`/senseStartTask${query}`)
    expect({ status, type }).toEqual({ status: 400, type: 'application/problem+json' })
    expect(body).toMatchObject({ title: 'Bad Request', status: 400, code: 'API_QUERY' })
    expect(JSON.stringify(body.issues)).toContain(name)
  })

  it('that takes too long is 504, its signal aborts, and no timer stays behind', async () => {
    const clock = createVirtualClock()
    const begun = createDeferred<AbortSignal>()
    const apps = {
      list: ({ signal }: { signal?: AbortSignal } = {}) => (signal && begun.resolve(signal), new Promise<never>(() => {})),
    }
    const { get } = await open({ clock, timeoutMs: 5_000, sense: { ...sense, qrs: { ...sense.qrs, apps } } })
    const answer = get('/senseListApps')
    const signal = await begun.promise
    expect(signal.aborted).toBe(false)
    await clock.advance(5_000)
    expect(await answer).toMatchObject({ status: 504, body: { code: 'API_TIMEOUT' } })
    expect(signal.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('that is done in time leaves no timer behind', async () => {
    const clock = createVirtualClock()
    const { get } = await open({ clock })
    expect((await get('/butlerPing')).status).toBe(200)
    expect(clock.pending).toBe(0)
  })

  it('whose caller leaves aborts the signal, and is no failure', async () => {
    const { lines, logger } = recordLog()
    const begun = createDeferred<AbortSignal>()
    const apps = {
      list: ({ signal }: { signal?: AbortSignal } = {}) => (signal && begun.resolve(signal), new Promise<never>(() => {})),
    }
    const { get } = await open({ logger, sense: { ...sense, qrs: { ...sense.qrs, apps } } })
    const leave = new AbortController()
    const answer = get('/senseListApps', { headers: { 'x-api-key': apiKey }, signal: leave.signal }).catch((error: unknown) => error)
    const signal = await begun.promise
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    leave.abort()
    await Promise.all([aborted, answer])
    await new Promise((resolve) => setImmediate(resolve))
    expect(lines).toEqual([{ level: 'debug', message: 'caller gone before the answer', fields: { path: '/senseListApps' } }])
  })
})

describe('an error from a service', () => {
  it.each([
    ['TASK_DENIED', 403],
    ['TASK_NOT_FOUND', 404],
    ['TASK_NOT_STARTED', 409],
    ['QRS_TIMEOUT', 504],
    ['QRS_UNREACHABLE', 502],
    ['SCHEMA_MISMATCH', 502],
    ['toString', 502],
  ])('%s is %i, with its code and message', async (code, status) => {
    const { get } = await open({ sense: { ...sense, tasks: { start: () => Promise.reject(new ButlerError(code, 'what came back')) } } })
    const answer = await get(`/senseStartTask?taskId=${taskId}`)
    expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { status, code, detail: 'what came back' } })
  })

  it.each<[string, unknown]>([
    ['an Error', new Error('CANARY at /etc/secret')],
    ['a text', 'CANARY'],
    ['nothing', undefined],
  ])('nobody foresaw is a bare 500, and logged: %s', async (_, thrown) => {
    const { lines, logger } = recordLog()
    const start = () => {
      throw thrown
    }
    const { get } = await open({ logger, sense: { ...sense, tasks: { start } } })
    const answer = await get(`/senseStartTask?taskId=${taskId}`)
    expect(answer).toMatchObject({ status: 500, text: '{"title":"Internal Server Error","status":500}' })
    expect(lines).toMatchObject([{ level: 'error', message: 'request failed', fields: { path: '/senseStartTask', status: 500 } }])
  })

  it('tells nothing of its cause or stack', async () => {
    const error = new ButlerError('QRS_STATUS', 'GET /qrs/app: 500', { cause: new Error('CANARY') })
    const { get } = await open({ sense: { ...sense, tasks: { start: () => Promise.reject(error) } } })
    const { text } = await get(`/senseStartTask?taskId=${taskId}`)
    expect(JSON.parse(text)).toEqual({ title: 'Bad Gateway', status: 502, code: 'QRS_STATUS', detail: 'GET /qrs/app: 500' })
  })
})
