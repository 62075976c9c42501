import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { buffer, json as readJson } from 'node:stream/consumers'
import { header, q, type Sense, type SenseOptions } from '@butlerkit/sense'
import { createSense } from '@butlerkit/sense'
import { createVirtualClock } from '@butlerkit/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createImpatientClock } from './support/impatient-clock.js'
import { startProxy, type TestProxy } from './support/proxy.js'

const id = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'
const other = 'a2b8c7d6-1111-4222-8333-444455556666'
const wholeApp = {
  id,
  name: 'Sales',
  published: false,
  modifiedDate: '2026-01-05T08:00:03.004Z',
  tags: [],
  customProperties: [],
  thumbnail: '/x',
}

describe('update', () => {
  it('writes the whole entity back, with what the client does not know', async () => {
    let put: unknown
    await using t = await open(async (request, response) => {
      if (request.method === 'PUT') put = await readJson(request)
      reply(response, put ?? wholeApp)
    })
    const app = await t.sense.qrs.apps.update(id, (draft) => {
      draft.name = 'Sales 2'
      draft.tags.push({ id: other, name: 'nightly' })
    })
    expect(put).toEqual({ ...wholeApp, name: 'Sales 2', tags: [{ id: other, name: 'nightly' }] })
    expect(app).toMatchObject({ name: 'Sales 2', tags: [{ name: 'nightly' }] })
  })

  it('reads and changes again when somebody was faster, up to four times', async () => {
    let conflicts = 2
    let version = 0
    const seen: string[] = []
    await using t = await open(async (request, response) => {
      if (/\/about|\/csrftoken/.test(request.url ?? '')) return reply(response, {})
      if (request.method === 'GET') return reply(response, { ...wholeApp, name: `v${++version}` })
      const body = (await readJson(request)) as object
      if (conflicts-- > 0) return response.writeHead(409).end()
      reply(response, body)
    })
    const change = (draft: { name: string }) => {
      seen.push(draft.name)
      draft.name += ' changed'
    }
    expect(await t.sense.qrs.apps.update(id, change)).toMatchObject({ name: 'v3 changed' })
    expect(seen).toEqual(['v1', 'v2', 'v3'])
    conflicts = 100
    await expect(t.sense.qrs.apps.update(id, () => {})).rejects.toMatchObject({ code: 'QRS_STATUS', status: 409 })
    expect(t.asked('PUT')).toHaveLength(3 + 5)
  })

  it('is not sent twice where the answer is lost', async () => {
    await using t = await open((request, response) => {
      if (request.method === 'GET') reply(response, wholeApp)
      else response.socket?.destroy()
    })
    await expect(t.sense.qrs.apps.update(id, () => {})).rejects.toMatchObject({ code: 'QRS_UNREACHABLE', sent: true })
    expect(t.asked('PUT')).toHaveLength(1)
  })
})

describe('lists', () => {
  it('that were capped are told from whole ones', async () => {
    let total = 5
    await using t = await open((request, response) =>
      reply(response, request.url?.includes('/count') ? { value: total } : [wholeApp, wholeApp]),
    )
    expect(await t.sense.qrs.apps.list()).toHaveLength(2)
    await expect(t.sense.qrs.apps.list({ verify: true })).rejects.toMatchObject({
      code: 'QRS_INCOMPLETE',
      message: expect.stringContaining('2 of 5'),
    })
    total = 2
    expect(await t.sense.qrs.apps.list({ verify: true, orderBy: 'name desc' })).toHaveLength(2)
    expect(t.proxy.requests.some(({ url }) => url?.includes('orderby=name%20desc'))).toBe(true)
    await expect(t.sense.qrs.apps.list({ orderBy: 'name; drop' })).rejects.toMatchObject({ code: 'SENSE_OPTION' })
  })

  it('come page by page, in order, with addresses that stay short', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`)
    await using t = await open((request, response) => {
      const url = new URL(request.url ?? '', 'https://x')
      expect(request.url?.length).toBeLessThan(4_096)
      if (url.pathname.endsWith('/table')) {
        const skip = Number(url.searchParams.get('skip'))
        return reply(response, { rows: ids.slice(skip, skip + Number(url.searchParams.get('take'))).map((each) => [each, 'now']) }, 201)
      }
      const wanted = url.searchParams.get('filter')?.match(/[\da-f-]{36}/g) ?? []
      return reply(response, wanted.map((each) => ({ ...wholeApp, id: each })).toReversed())
    })
    const pages: string[][] = []
    for await (const page of t.sense.qrs.apps.pages({ size: 100 })) pages.push(page.map((app) => app.id))
    expect(pages.map((page) => page.length)).toEqual([100, 100, 50])
    expect(pages.flat()).toEqual(ids)
    await expect(t.sense.qrs.apps.pages({ size: 0 })[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'SENSE_OPTION' })
  })
})

describe('an id that is none', () => {
  it('is refused before anything is sent', async () => {
    await using t = await open((_, response) => reply(response, {}))
    const { apps, reloadTasks, tags, triggers } = t.sense.qrs
    for (const call of [
      () => apps.get('../about'),
      () => apps.update('x', () => {}),
      () => apps.delete(`${id}?x`),
      () => apps.copy('x'),
      () => apps.publish(id, 'x'),
      () => reloadTasks.create({ name: 'x', appId: 'x' }),
      () => tags.delete('canary'),
      () => triggers.ofTask('x'),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'SENSE_ID', message: expect.not.stringContaining('canary') })
    }
    expect(t.proxy.requests).toHaveLength(0)
  })
})

describe('making tasks', () => {
  it('sends the task with its triggers', async () => {
    let sent: unknown
    await using t = await open(async (request, response) => {
      if (request.url?.startsWith('/qrs/task?')) return reply(response, [{ id, taskType: 1 }])
      sent = request.method === 'POST' ? await readJson(request) : undefined
      reply(response, { id, name: 'Reload', enabled: true }, 201)
    })
    const task = await t.sense.qrs.reloadTasks.create({
      name: 'Reload',
      appId: other,
      tagIds: [id],
      customProperties: [{ definitionId: id, value: 'EMEA' }],
      triggers: [
        { kind: 'schedule', name: 'daily', increment: 'daily', start: new Date(Date.UTC(2026, 0, 1)) },
        { kind: 'chain', name: 'after', after: [{ taskId: id, ended: 'success' }], withinMinutes: 90 },
      ],
    })
    expect(task).toMatchObject({ id, name: 'Reload', enabled: true })
    expect(sent).toMatchObject({
      task: { name: 'Reload', taskType: 0, app: { id: other }, tags: [{ id }], customProperties: [{ value: 'EMEA', definition: { id } }] },
      schemaEvents: [
        { name: 'daily', eventType: 0, incrementOption: 2, incrementDescription: '0 0 1 0', startDate: '2026-01-01T00:00:00.000Z' },
      ],
      compositeEvents: [
        {
          name: 'after',
          eventType: 1,
          timeConstraint: { hours: 1, minutes: 30 },
          compositeRules: [{ ruleState: 1, externalProgramTask: { id } }],
        },
      ],
    })
  })

  it('reads a task’s triggers', async () => {
    await using t = await open((request, response) =>
      reply(
        response,
        request.url?.includes('/schemaevent/')
          ? [{ id, name: 'daily', enabled: true, startDate: '2026-01-01T00:00:00.000Z', expirationDate: '9999-12-31T00:00:00.000Z' }]
          : [{ id, name: 'after', enabled: false, compositeRules: [{ ruleState: 2, reloadTask: { id: other } }] }],
      ),
    )
    expect(await t.sense.qrs.triggers.ofTask(id)).toMatchObject([
      { kind: 'schedule', enabled: true, end: undefined },
      { kind: 'chain', enabled: false, after: [{ taskId: other, ended: 'failed' }] },
    ])
  })
})

describe('an app’s file', () => {
  const content = Buffer.from('QVF '.repeat(50_000))
  const sha256 = createHash('sha256').update(content).digest('hex')
  let dir: string
  beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'butlerkit-app-'))))
  afterEach(() => rm(dir, { recursive: true }))

  it.each([
    ['bytes', async () => content],
    ['a stream', async () => Readable.from([content.subarray(0, 10), content.subarray(10)])],
    ['a file', async () => (await writeFile(join(dir, 'in.qvf'), content), { file: join(dir, 'in.qvf') })],
  ])('is uploaded from %s, counted and hashed', async (_, source) => {
    let got: Buffer | undefined
    await using t = await open(async (request, response) => {
      if (request.method === 'POST') got = await buffer(request)
      reply(response, wholeApp, 201)
    })
    const progress: number[] = []
    const upload = await t.sense.qrs.apps.upload(await source(), {
      name: 'New & old',
      keepData: true,
      onProgress: (bytes) => progress.push(bytes),
    })
    expect(upload).toMatchObject({ app: { id, name: 'Sales' }, bytes: content.length, sha256 })
    expect(got?.equals(content)).toBe(true)
    expect(progress.at(-1)).toBe(content.length)
    expect(t.proxy.requests.at(-1)?.url).toMatch(/^\/qrs\/app\/upload\?name=New%20%26%20old&keepdata=true&xrfkey=/)
    expect(t.proxy.requests.at(-1)?.headers['content-type']).toBe('application/vnd.qlik.sense.app')
  })

  it('is exported into a stream or a file', async () => {
    await using t = await open(exporting(content))
    const chunks: Buffer[] = []
    const to = new Writable({ write: (chunk: Buffer, _, done) => (chunks.push(chunk), done()) })
    expect(await t.sense.qrs.apps.export(id, { to, skipData: true })).toEqual({ fileName: 'Sales 25.qvf', bytes: content.length, sha256 })
    expect(Buffer.concat(chunks).equals(content)).toBe(true)
    const file = join(dir, 'out.qvf')
    expect(await t.sense.qrs.apps.export(id, { to: { file } })).toMatchObject({ sha256 })
    expect((await readFile(file)).equals(content)).toBe(true)
    expect(t.asked('GET').at(-1)?.url).toMatch(/^\/tempcontent\/abc\/Sales%2025\.qvf\?serverNodeId=n1&xrfkey=/)
  })

  it('that breaks off leaves no file', async () => {
    await using t = await open(
      exporting(content, (response) => {
        response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 100), () => response.socket?.destroy())
      }),
    )
    await expect(t.sense.qrs.apps.export(id, { to: { file: join(dir, 'out.qvf') } })).rejects.toMatchObject({ code: 'QRS_UNREACHABLE' })
    expect(await readdir(dir)).toEqual([])
  })

  it('that cannot be written fails with what writing said', async () => {
    await using t = await open(exporting(content))
    const full = new Error('disk full')
    const to = new Writable({ write: (_chunk, _encoding, done) => done(full) })
    await expect(t.sense.qrs.apps.export(id, { to })).rejects.toBe(full)
    await expect(t.sense.qrs.apps.export(id, { to: { file: join(dir, 'no', 'where.qvf') } })).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is not looked for where the server points elsewhere', async () => {
    await using t = await open(exporting(content, undefined, '/qrs/../etc/passwd'))
    await expect(t.sense.qrs.apps.export(id, { to: new PassThrough() })).rejects.toMatchObject({ code: 'QRS_ANSWER' })
  })

  it('has its export cancelled when the caller gives up', async () => {
    const caller = new AbortController()
    let cancelled: (() => void) | undefined
    const gone = new Promise<void>((resolve) => (cancelled = resolve))
    await using t = await open((request, response) => {
      if (request.method === 'POST') caller.abort('mine')
      else if (request.method === 'DELETE') cancelled?.()
      if (request.method !== 'POST') reply(response, {})
    })
    await expect(t.sense.qrs.apps.export(id, { to: new PassThrough(), signal: caller.signal })).rejects.toBe('mine')
    await gone
  })

  it('takes as long as it moves, and no longer', async () => {
    const clock = createVirtualClock()
    let bytes = 0
    let wake = () => {}
    const onProgress = (count: number) => {
      bytes = count
      wake()
    }
    const moved = async (count: number) => {
      if (bytes < count) await new Promise<void>((resolve) => (wake = resolve))
    }
    await using t = await open(
      exporting(content, (response) => {
        void (async () => {
          response.writeHead(200)
          for (const part of [1, 2, 3]) {
            response.write('x')
            await moved(part)
            await clock.advance(900)
          }
          await clock.advance(200)
        })()
      }),
      { clock },
    )
    await expect(t.sense.qrs.apps.export(id, { to: new PassThrough().resume(), timeoutMs: 1_000, onProgress })).rejects.toMatchObject({
      code: 'QRS_TIMEOUT',
    })
    expect(bytes).toBe(3)
  })
})

describe('requests of the user’s own', () => {
  it('take a schema or give what came', async () => {
    await using t = await open((request, response) => {
      if (request.url?.includes('/ssl/ping')) return void response.end('Ping successful')
      if (request.method === 'DELETE') return void response.writeHead(204).end()
      return reply(response, { value: 7 })
    })
    const { qrs } = t.sense
    expect(
      await qrs.get('/qrs/app/count', { filter: q`name eq ${'a&b'}`, query: { x: 1 }, schema: z.object({ value: z.number() }) }),
    ).toEqual({ value: 7 })
    expect(await qrs.get('/qrs/ssl/ping')).toBe('Ping successful')
    expect(await qrs.put('/qrs/tag/x', { name: 'y' })).toEqual({ value: 7 })
    expect(await qrs.delete('/qrs/tag/x')).toBeUndefined()
    await expect(qrs.post('/qrs/tag', {}, { schema: z.string() })).rejects.toMatchObject({ code: 'QRS_ANSWER' })
  })

  it('cannot start tasks past the list', async () => {
    await using t = await open((_, response) => reply(response, {}))
    for (const path of [
      `/qrs/task/${id}/start`,
      '/qrs/Task/start/many',
      `/qrs/task/${id}/START/synchronous`,
      `/qrs/app/${id}/reload`,
      `/qrs/%74ask/${id}/start`,
    ]) {
      await expect(t.sense.qrs.post(path)).rejects.toMatchObject({ code: 'TASK_DENIED' })
    }
    for (const path of ['/qps/session', '/qrs/../x', '/qrs/a?b', '/qrs/a#b', '/qrs/%2e%2e/x']) {
      await expect(t.sense.qrs.get(path)).rejects.toMatchObject({ code: 'SENSE_OPTION' })
    }
    expect(t.proxy.requests).toHaveLength(0)
  })
})

describe('a server that says when to come back', () => {
  it.each([
    ['in seconds', '7', 7_000],
    ['as a date', new Date(Date.UTC(2026, 0, 1, 0, 0, 20)).toUTCString(), 20_000],
    ['sooner than we would', '0', 250],
  ])('%s is believed for a GET', async (_, retryAfter, waitMs) => {
    const clock = createImpatientClock()
    let refused = 0
    await using t = await open(
      (_request, response) => (refused++ === 2 ? response.writeHead(429, { 'retry-after': retryAfter }).end() : reply(response, [])),
      { clock },
    )
    await t.sense.qrs.apps.list()
    expect(clock.waits).toEqual([waitMs])
  })

  it('in more than a minute is not waited for, and a change is not repeated at all', async () => {
    const clock = createImpatientClock()
    await using t = await open(
      (request, response) =>
        request.url?.includes('/about') ? reply(response, {}) : response.writeHead(503, { 'retry-after': '61' }).end(),
      { clock },
    )
    await expect(t.sense.qrs.apps.list()).rejects.toMatchObject({ status: 503, retryAfterMs: 61_000 })
    await expect(t.sense.qrs.tags.create({ name: 'x' })).rejects.toMatchObject({ status: 503 })
    expect(clock.waits).toEqual([])
  })
})

describe('what a site says of itself', () => {
  it('is read from what is there', async () => {
    await using t = await open((request, response) => {
      if (request.url?.includes('servicestatus'))
        return reply(response, [
          { serviceType: 3, serviceState: 2, serverNodeConfiguration: { hostName: 'node1' } },
          { serviceType: 99, serviceState: 99 },
        ])
      if (request.url?.includes('accesstypeoverview')) return reply(response, { professionalAccess: { total: 10, used: 3 } })
      reply(response, request.url?.includes('license') ? null : {})
    })
    expect(await t.sense.qrs.serviceStatus()).toMatchObject([
      { service: 'engine', state: 'running', node: 'node1' },
      { service: undefined, state: 'unknown', node: undefined },
    ])
    expect(await t.sense.qrs.licence()).toMatchObject({ name: undefined, professional: { total: 10, used: 3 }, analyzer: undefined })
  })
})

interface Opened extends AsyncDisposable {
  readonly sense: Sense
  readonly proxy: TestProxy
  asked(method: string): IncomingMessage[]
}

/** A site that answers as told. */
async function open(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
  options: Partial<SenseOptions> = {},
): Promise<Opened> {
  const proxy = await startProxy({ believes: () => true, keepBody: true, answer: (response, _, request) => void answer(request, response) })
  const auth = header({ name: 'hdr-usr', user: 'ann', ca: proxy.ca })
  const sense = createSense({ host: '127.0.0.1', proxyPort: proxy.port, auth, ...options })
  return {
    sense,
    proxy,
    asked: (method) => proxy.requests.filter((request) => request.method === method && !/\/about|\/csrftoken/.test(request.url ?? '')),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      await sense.close()
    },
  }
}

function exporting(
  content: Buffer,
  download = (response: ServerResponse) => void response.end(content),
  downloadPath = '/tempcontent/abc/Sales 25.qvf?serverNodeId=n1',
) {
  return (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'POST') reply(response, { exportToken: other, downloadPath, cancelled: false }, 201)
    else if (request.url?.startsWith('/tempcontent/')) download(response)
    else reply(response, {})
  }
}

function reply(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
