import type { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import { inspect } from 'node:util'
import { silent, type Clock, type Logger } from '@butlerkit/core'
import { createVirtualClock } from '@butlerkit/core/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { json, startServer, type TestServer } from '../../test/support/http-server.js'
import { createImpatientClock } from '../../test/support/impatient-clock.js'
import { certificateIdentity } from '../auth/identity.js'
import { QrsError, SenseError } from '../errors.js'
import { createAgent } from '../http/agent.js'
import { createQrsClient, type QrsClient } from './client.js'
import { q } from './filter.js'

const schema = z.object({ value: z.number() })
const about = { path: '/qrs/about' } as const
const start = { method: 'POST', path: '/qrs/task/1/start/synchronous' } as const
const userHeader = 'UserDirectory=CANARY; UserId=canary-user'
const identity = certificateIdentity(String.raw`CANARY\canary-user`)

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()))
})

describe('a request', () => {
  it('carries a fresh key of 16 letters and digits in query and header, and the user', async () => {
    await using server = await startServer((response) => json(response, { value: 1 }))
    const client = connect(server)
    await client.json(about, schema)
    await client.json(about, schema)
    const keys = server.requests.map(({ headers }) => String(headers['x-qlik-xrfkey']))
    expect(new Set(keys).size).toBe(2)
    for (const [index, key] of keys.entries()) {
      expect(key).toMatch(/^[0-9A-Za-z]{16}$/)
      expect(server.requests[index]).toMatchObject({
        method: 'GET',
        url: `/qrs/about?xrfkey=${key}`,
        headers: { 'x-qlik-user': userHeader },
      })
    }
  })

  it('encodes all of a filter, so that neither & nor # ends it', async () => {
    await using server = await startServer((response) => json(response, { value: 1 }))
    await connect(server).json({ ...about, filter: q`name eq ${'a&b#c d'}` }, schema)
    expect(server.requests[0]?.url).toContain(`?filter=name%20eq%20'a%26b%23c%20d'&xrfkey=`)
  })

  it('leaves its connection to the next', async () => {
    await using server = await startServer((response) => json(response, { value: 1 }))
    const client = connect(server)
    for (let request = 0; request < 10; request++) await client.json(about, schema)
    // undici may open a second one before it sees that the first is free again.
    expect(new Set(server.requests.map(({ socket }) => socket)).size).toBeLessThanOrEqual(2)
  })

  it('keeps a character that the network has cut in two', async () => {
    const bytes = Buffer.from('a – é')
    await using server = await startServer((response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write(bytes.subarray(0, 3), () => response.end(bytes.subarray(3)))
    })
    expect(await connect(server).text(about)).toBe('a – é')
  })
})

describe('an answer', () => {
  it.each([
    [400, 'QRS_STATUS', false],
    [404, 'QRS_STATUS', false],
    [409, 'QRS_STATUS', false],
    [429, 'QRS_STATUS', true],
    [500, 'QRS_STATUS', true],
    [503, 'QRS_STATUS', true],
    [401, 'QRS_AUTH', false],
    [302, 'QRS_AUTH', false],
    [403, 'QRS_FORBIDDEN', false],
  ])('with status %i is %s', async (status, code, transient) => {
    await using server = await startServer((response) => response.writeHead(status).end('what is\r\nwrong'))
    const error = await fails(connect(server).json({ ...about, retry: false }, schema))
    expect(error).toMatchObject({ code, status, transient, sent: true, request: 'GET /qrs/about', text: 'what is wrong' })
    expect(server.requests).toHaveLength(1)
  })

  it('explains a 403 for the anti-forgery key', async () => {
    await using server = await startServer((response) =>
      response.writeHead(403).end('XSRF prevention check failed. Possible XSRF discovered.'),
    )
    expect((await fails(connect(server).json(about, schema))).message).toMatch(/unencoded #/)
  })

  it('that is a login page is QRS_AUTH, though its status says 200', async () => {
    await using server = await startServer((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<form>'))
    expect(await fails(connect(server).json(about, schema))).toMatchObject({ code: 'QRS_AUTH' })
  })

  it.each([
    ['is not JSON', '{"value":', /not JSON/],
    ['does not fit', '{"value":"canary"}', /value: .*number/],
  ])('that %s is QRS_ANSWER, without its content', async (_, body, message) => {
    await using server = await startServer((response) => response.end(body))
    const error = await fails(connect(server).json(about, schema))
    expect(error).toMatchObject({ code: 'QRS_ANSWER', status: 200 })
    expect(error.message).toMatch(message)
    expect(inspect(error, { depth: null })).not.toContain('canary"')
  })

  it('that repeats our headers does not bring them into the error', async () => {
    await using server = await startServer((response, _, request) => response.writeHead(400).end(inspect(request.headers)))
    const error = await fails(connect(server).json(about, schema))
    const key = String(server.requests[0]?.headers['x-qlik-xrfkey'])
    const everything = inspect(error, { depth: null, showHidden: true }) + error.stack + JSON.stringify(error)
    expect(error.text).toContain('…')
    expect(everything).not.toContain('CANARY')
    expect(everything).not.toContain(key)
  })
})

describe('trying again', () => {
  it('repeats a GET that met a passing failure, ever more slowly', async () => {
    await using server = await startServer((response, index) => {
      if (index === 0) response.writeHead(503).end()
      else if (index === 1) response.socket?.destroy()
      else json(response, { value: 1 })
    })
    const clock = createImpatientClock()
    expect(await connect(server, { clock }).json(about, schema)).toEqual({ value: 1 })
    expect(clock.waits).toEqual([250, 1_000])
  })

  it('gives up after four', async () => {
    await using server = await startServer((response) => response.writeHead(503).end())
    expect(await fails(connect(server).json(about, schema))).toMatchObject({ code: 'QRS_STATUS', status: 503 })
    expect(server.requests).toHaveLength(4)
  })

  it('repeats no failure that stays', async () => {
    await using server = await startServer((response) => response.writeHead(400).end())
    await fails(connect(server).json(about, schema))
    expect(server.requests).toHaveLength(1)
  })

  it.each<[string, Parameters<typeof startServer>[0]]>([
    ['was answered with 503', (response) => response.writeHead(503).end()],
    ['lost its connection', (response) => response.socket?.destroy()],
    ['had its connection reset', (response) => (response.socket as Socket).resetAndDestroy()],
    ['lost its connection within the answer', (response) => response.write('{', () => response.socket?.destroy())],
  ])('never repeats a POST that %s', async (_, answer) => {
    await using server = await startServer(answer)
    const error = await fails(connect(server).json(start, schema))
    expect(error).toMatchObject({ code: expect.stringMatching(/QRS_(STATUS|UNREACHABLE)/), sent: true, transient: true })
    expect(server.requests).toHaveLength(1)
  })

  it('repeats a POST where nobody listens, as nothing was sent', async () => {
    const server = await startServer(() => {})
    await server[Symbol.asyncDispose]()
    const clock = createImpatientClock()
    const error = await fails(connect(server, { clock }).json(start, schema))
    expect(error).toMatchObject({ code: 'QRS_UNREACHABLE', sent: false, transient: true, message: expect.stringContaining('ECONNREFUSED') })
    expect(clock.waits).toEqual([250, 1_000, 3_000])
  })
})

describe('giving up', () => {
  it.each(['GET', 'POST'] as const)('times out a %s that is not answered, and does not try again', async (method) => {
    const clock = createVirtualClock()
    await using server = await startServer(() => void clock.advance(30_000))
    const error = await fails(connect(server, { clock }).json({ ...about, method }, schema))
    expect(error).toMatchObject({ code: 'QRS_TIMEOUT', message: expect.stringContaining('30000 ms'), transient: true })
    expect(server.requests).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  it('times out an answer that never ends', async () => {
    const clock = createVirtualClock()
    await using server = await startServer((response) => response.writeHead(200).write('{', () => void clock.advance(30_000)))
    expect(await fails(connect(server, { clock }).json(about, schema))).toMatchObject({ code: 'QRS_TIMEOUT' })
  })

  it('sends nothing for a signal that has been aborted', async () => {
    await using server = await startServer((response) => json(response, { value: 1 }))
    await expect(connect(server).json({ ...about, signal: AbortSignal.abort('mine') }, schema)).rejects.toBe('mine')
    expect(server.requests).toHaveLength(0)
  })

  it.each([about, start])('rejects with the reason of a signal aborted while waiting for the answer to %j', async (request) => {
    const caller = new AbortController()
    const reason = new Error('mine')
    await using server = await startServer(() => caller.abort(reason))
    await expect(connect(server).json({ ...request, signal: caller.signal }, schema)).rejects.toBe(reason)
    expect(server.requests).toHaveLength(1)
  })

  it('rejects with the reason of a signal aborted between two tries', async () => {
    const caller = new AbortController()
    const reason = new Error('mine')
    await using server = await startServer((response) => response.writeHead(503).end())
    const clock = createVirtualClock()
    const logger = { ...silent, debug: () => setImmediate(() => caller.abort(reason)) }
    await expect(connect(server, { clock, logger }).json({ ...about, signal: caller.signal }, schema)).rejects.toBe(reason)
    expect(clock.pending).toBe(0)
  })

  it('leaves no listener on a signal that outlives the request', async () => {
    const caller = new AbortController()
    let listeners = 0
    const { signal } = caller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...all: Parameters<typeof add>) => (listeners++, add(...all))
    signal.removeEventListener = (...all: Parameters<typeof remove>) => (listeners--, remove(...all))
    await using server = await startServer((response) => json(response, { value: 1 }))
    await connect(server).json({ ...about, signal }, schema)
    expect(listeners).toBe(0)
  })

  it('may be done by one signal for any number at once, without a warning', async () => {
    const warnings = vi.spyOn(process, 'emitWarning')
    await using server = await startServer((response) => json(response, { value: 1 }))
    const client = connect(server)
    const { signal } = new AbortController()
    await Promise.all(Array.from({ length: 20 }, () => client.json({ ...about, signal }, schema)))
    expect(warnings).not.toHaveBeenCalled()
    warnings.mockRestore()
  })

  it('sends nothing once closed, and ends a wait between two tries', async () => {
    const closing = new AbortController()
    await using server = await startServer((response) => response.writeHead(503).end())
    const logger = { ...silent, debug: () => setImmediate(() => closing.abort(new SenseError('SENSE_CLOSED', 'closed'))) }
    const clock = createVirtualClock()
    const client = connect(server, { clock, logger, closed: closing.signal })
    await expect(client.json(about, schema)).rejects.toMatchObject({ code: 'SENSE_CLOSED' })
    await expect(client.json(about, schema)).rejects.toMatchObject({ code: 'SENSE_CLOSED' })
    expect(server.requests).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })
})

interface Connecting {
  readonly clock?: Clock
  readonly logger?: Logger
  readonly closed?: AbortSignal
}

function connect(server: TestServer, { clock = createImpatientClock(), logger = silent, closed }: Connecting = {}): QrsClient {
  const auth = { kind: 'certificate', secureContext: createSecureContext() } as const
  const { origin } = server
  const agent = createAgent({ auth, servername: undefined, connectTimeoutMs: 10_000, connections: 10 })
  opened.push({ close: () => agent.destroy() })
  const signal = closed ?? new AbortController().signal
  return createQrsClient({ origin, dispatcher: agent, identity, timeoutMs: 30_000, clock, logger, closed: signal })
}

async function fails(promise: Promise<unknown>): Promise<QrsError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(QrsError)
  return error as QrsError
}
