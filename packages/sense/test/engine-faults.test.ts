import { inspect } from 'node:util'
import { certificate, createSense, EngineError, header, jwt, session, type Sense, type SenseOptions } from '@butlerkit/sense'
import { createVirtualClock } from '@butlerkit/core/testing'
import { describe, expect, it } from 'vitest'
import { connected, startEngine, type EngineServer, type EngineServerOptions } from './support/engine-server.js'
import { pfxBytes, pfxPassphrase } from './support/pfx.js'
import { startTcpServer } from './support/tls-server.js'

const id = 'a2b8c7d6-1111-4222-8333-444455556666'
const evaluated = { result: { qValue: { qText: '7', qIsNumeric: true, qNumber: 7 } } }

describe('a websocket', () => {
  it.each([
    [401, 'ENGINE_AUTH', false],
    [302, 'ENGINE_AUTH', false],
    [403, 'ENGINE_UPGRADE', false],
    [404, 'ENGINE_UPGRADE', false],
    [502, 'ENGINE_UPGRADE', true],
  ])('that is refused with %i is %s', async (status, code, transient) => {
    await using engine = await startEngine({ refuse: status })
    expect(await failure(engine)).toMatchObject({ code, status, transient })
  })

  it('to a server of another authority is not trusted', async () => {
    await using engine = await startEngine()
    const error = await failure(engine, { auth: certificate({ pfx: pfxBytes, passphrase: pfxPassphrase }) })
    expect(error).toMatchObject({ code: 'ENGINE_TLS', message: expect.stringContaining('root.pem') })
    expect(engine.upgrades).toHaveLength(0)
  })

  it('to nobody is ENGINE_UNREACHABLE', async () => {
    const engine = await startEngine()
    await engine[Symbol.asyncDispose]()
    expect(await failure(engine)).toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
      transient: true,
    })
  })

  it('that is never answered is given up on, and by a signal', async () => {
    const clock = createVirtualClock()
    await using silentServer = await startTcpServer(() => void clock.advance(30_000))
    expect(await failure({ port: silentServer.port, ca: undefined }, { clock })).toMatchObject({ code: 'ENGINE_TIMEOUT', transient: true })
    const caller = new AbortController()
    await using other = await startTcpServer(() => caller.abort('mine'))
    const sense = through({ port: other.port, ca: undefined })
    await expect(sense.engine.open(id, { signal: caller.signal })).rejects.toBe('mine')
    await sense.close()
  })
})

describe('a session', () => {
  it.each([
    ['SESSION_ERROR_NO_LICENSE', 'ENGINE_LICENSE', false],
    ['SESSION_ERROR_LICENSE_RENEW', 'ENGINE_LICENSE', false],
    ['SESSION_ERROR_APP_ACCESS_DENIED', 'ENGINE_DENIED', false],
    ['SESSION_ERROR_LIMIT_EXCEEDED', 'ENGINE_SESSION', true],
    ['SESSION_ERROR_SECURITY_HEADER_CHANGED', 'ENGINE_SESSION', false],
  ])('in the state %s is %s', async (qSessionState, code, transient) => {
    await using engine = await startEngine({ greetings: [{ ...connected, params: { qSessionState } }] })
    expect(await failure(engine)).toMatchObject({ code, state: qSessionState, transient })
    expect(engine.calls).toEqual([])
  })

  it.each([
    ['OnMaxParallelSessionsExceeded', 'ENGINE_SESSION', true],
    ['OnLicenseAccessDenied', 'ENGINE_LICENSE', false],
    ['OnSessionTimedOut', 'ENGINE_SESSION', false],
  ])('that the proxy ends with %s is %s', async (method, code, transient) => {
    const notice = { jsonrpc: '2.0', method, params: { severity: 'fatal', message: 'because' } }
    await using atOnce = await startEngine({ greetings: [notice] })
    expect(await failure(atOnce)).toMatchObject({ code, state: method, transient, message: expect.stringContaining('because') })
    await using later = await startEngine({
      answer: ({ method: called }, socket) => {
        if (called === 'EvaluateEx') socket.send(JSON.stringify(notice))
        return undefined
      },
    })
    expect(await failure(later)).toMatchObject({ code, state: method, transient })
  })

  it('that wants a login says so', async () => {
    const params = { mustAuthenticate: true, loginUri: 'https://canary' }
    await using engine = await startEngine({ greetings: [{ jsonrpc: '2.0', method: 'OnAuthenticationInformation', params }] })
    expect(await failure(engine)).toMatchObject({ code: 'ENGINE_AUTH' })
  })

  it('goes on past notices that are none of its business', async () => {
    const notice = { jsonrpc: '2.0', method: 'OnLicenseAboutToExpire', params: { severity: 'warning' } }
    await using engine = await startEngine({
      greetings: [
        { jsonrpc: '2.0', method: 'OnAuthenticationInformation', params: { mustAuthenticate: false } },
        notice,
        connected,
        notice,
      ],
      answer: evaluating,
    })
    expect(await evaluate(engine)).toBe(7)
  })

  it.each<[string, (socket: Parameters<NonNullable<EngineServerOptions['answer']>>[1]) => void]>([
    ['closes with 1000', (socket) => socket.close(1000)],
    ['closes with 1001', (socket) => socket.close(1001)],
    ['closes with 1011', (socket) => socket.close(1011, 'oops')],
    ['closes with 4000', (socket) => socket.close(4000)],
    ['breaks off', (socket) => socket.terminate()],
    ['sends what is no JSON', (socket) => socket.send('<html>')],
  ])('that %s ends the call with ENGINE_CLOSED', async (_, end) => {
    await using engine = await startEngine({
      answer: ({ method }, socket) => {
        if (method === 'EvaluateEx') end(socket)
        return undefined
      },
    })
    expect(await failure(engine)).toMatchObject({ code: 'ENGINE_CLOSED', transient: true })
  })

  it('whose engine no longer answers pings is over', async () => {
    const clock = createVirtualClock()
    await using engine = await startEngine({ pong: false })
    const sense = through(engine, { clock })
    await using app = await sense.engine.open(id)
    const called = engine.called('EvaluateEx')
    const answer = app.evaluate('1', { timeoutMs: 1_000_000 }).catch((thrown: unknown) => thrown)
    await called
    // The first ping finds that something was heard; its answer never comes.
    await clock.advance(20_000)
    await clock.advance(20_000)
    expect(await answer).toMatchObject({ code: 'ENGINE_CLOSED', message: expect.stringContaining('nothing came') })
    await sense.close()
    expect(clock.pending).toBe(0)
  })

  it('leaves nothing behind once closed', async () => {
    const clock = createVirtualClock()
    await using engine = await startEngine({ answer: evaluating })
    const sense = through(engine, { clock })
    await sense.engine.withApp(id, (app) => app.evaluate('1'))
    expect(clock.pending).toBe(0)
    await engine.deserted()
    await sense.close()
  })
})

describe('a call', () => {
  it('that takes too long is aborted in the engine, and others go on', async () => {
    const clock = createVirtualClock()
    await using engine = await startEngine({
      answer: ({ method, params }) => (method === 'EvaluateEx' && params[0] === '7' ? evaluated : undefined),
    })
    const sense = through(engine, { clock })
    await using app = await sense.engine.open(id)
    const asked = engine.called('EvaluateEx')
    const slow = app.evaluate('slow', { timeoutMs: 5_000 }).catch((thrown: unknown) => thrown)
    const { id: requestId } = await asked
    const aborted = engine.called('AbortRequest')
    await clock.advance(5_000)
    expect(await slow).toMatchObject({ code: 'ENGINE_TIMEOUT', method: 'EvaluateEx' })
    expect((await aborted).params).toEqual([requestId])
    expect(await app.evaluate('7')).toBe(7)
    await sense.close()
  })

  it('is aborted by its signal, which may be aborted already', async () => {
    await using engine = await startEngine()
    const sense = through(engine)
    await using app = await sense.engine.open(id)
    const caller = new AbortController()
    const asked = engine.called('EvaluateEx')
    const slow = app.evaluate('slow', { signal: caller.signal }).catch((thrown: unknown) => thrown)
    await asked
    const aborted = engine.called('AbortRequest')
    caller.abort('mine')
    expect(await slow).toBe('mine')
    await aborted
    const before = engine.calls.length
    await expect(app.evaluate('x', { signal: caller.signal })).rejects.toBe('mine')
    expect(engine.calls).toHaveLength(before)
    await sense.close()
  })

  it('that reads is sent again when another change aborted it, three times', async () => {
    let aborts = 3
    const isRead = (method: string) => method === 'EvaluateEx' || method === 'GetAppLayout'
    await using engine = await startEngine({
      answer: ({ method }) =>
        isRead(method) ? (aborts-- > 0 ? { error: { code: 15, message: 'Request aborted', parameter: '' } } : evaluated) : undefined,
    })
    expect(await evaluate(engine)).toBe(7)
    expect(engine.calls.filter(({ method }) => method === 'EvaluateEx')).toHaveLength(4)
    aborts = 100
    expect(await failure(engine)).toMatchObject({ code: 'ENGINE_CALL', engineCode: 15, transient: true })
  })

  it('that changes something is sent once', async () => {
    await using engine = await startEngine({
      answer: ({ method }) => (method === 'SetScript' ? { error: { code: 15, message: '', parameter: '' } } : undefined),
    })
    const sense = through(engine)
    await expect(sense.engine.withApp(id, (app) => app.setScript('x'))).rejects.toMatchObject({ engineCode: 15 })
    expect(engine.calls.filter(({ method }) => method === 'SetScript')).toHaveLength(1)
    await sense.close()
  })

  it.each([
    [2, 'ENGINE_NOT_FOUND', false],
    [1003, 'ENGINE_NOT_FOUND', false],
    [5, 'ENGINE_DENIED', false],
    [5002, 'ENGINE_LICENSE', false],
    [19, 'ENGINE_BUSY', true],
    [5006, 'ENGINE_BUSY', true],
    [1009, 'ENGINE_CALL', false],
    [-32_601, 'ENGINE_CALL', false],
  ])('that fails with %i is %s', async (engineCode, code, transient) => {
    await using engine = await startEngine({
      answer: ({ method }) => (method === 'OpenDoc' ? { error: { code: engineCode, message: 'said', parameter: 'about' } } : undefined),
    })
    expect(await failure(engine)).toMatchObject({
      code,
      engineCode,
      transient,
      parameter: 'about',
      method: 'OpenDoc',
      message: expect.stringContaining('said'),
    })
  })

  it('whose answer does not fit says what, and not what came', async () => {
    await using engine = await startEngine({
      answer: ({ method }) => (method === 'EvaluateEx' ? { result: { qValue: { qText: { canary: 1 } } } } : undefined),
    })
    expect(await failure(engine)).toMatchObject({ code: 'ENGINE_CALL', message: expect.stringMatching(/qText/) })
  })

  it('takes the document that is open in a shared session', async () => {
    await using engine = await startEngine({
      answer: ({ method }) =>
        method === 'OpenDoc'
          ? { error: { code: 1002, message: 'App already open', parameter: '' } }
          : method === 'GetActiveDoc'
            ? { result: { qReturn: { qType: 'Doc', qHandle: 1, qGenericId: id } } }
            : evaluating({ method }),
    })
    expect(await evaluate(engine)).toBe(7)
  })
})

describe('an older engine', () => {
  it('without DoReloadEx is asked for DoReload', async () => {
    await using engine = await startEngine({
      answer({ method }) {
        if (method === 'DoReloadEx') return { error: { code: -32_601, message: 'Method not found', parameter: '' } }
        if (method === 'GetProgress') return { result: { qProgressData: { qErrorData: [] } } }
        if (method === 'DoReload') return { result: { qReturn: true } }
        return method === 'DoSave' ? { result: {} } : undefined
      },
    })
    const sense = through(engine)
    expect(await sense.engine.withApp(id, (app) => app.reload())).toMatchObject({ success: true, saved: true, scriptLogFile: undefined })
    await sense.close()
  })
})

describe('through a proxy', () => {
  it('goes with the cookie, an origin and the token, and without what logged in', async () => {
    await using engine = await startEngine({
      answer: evaluating,
      http: ({ url = '', headers }) =>
        url.startsWith('/jwt/qps/csrftoken')
          ? { status: 204, headers: { 'qlik-csrf-token': headers.cookie === undefined ? 'no' : 'canary token&' } }
          : { status: 200, headers: { 'set-cookie': 'X-Qlik-Session-jwt=canarysession' }, body: '{}' },
    })
    const auth = jwt({ token: 'canary.jwt', virtualProxy: 'jwt', ca: engine.ca })
    await using sense = createSense({ host: '127.0.0.1', proxyPort: engine.port, auth })
    expect(await sense.engine.withApp(id, (app) => app.evaluate('1'))).toBe(7)
    const [upgrade] = engine.upgrades
    expect(upgrade?.url).toMatch(new RegExp(`^/jwt/app/${id}/identity/[\\da-f-]+/ttl/0\\?qlik-csrf-token=canary%20token%26$`))
    expect(upgrade?.headers).toMatchObject({ cookie: 'X-Qlik-Session-jwt=canarysession', origin: `https://127.0.0.1:${engine.port}` })
    expect(upgrade?.headers).not.toHaveProperty('authorization')
  })

  it('that has no token to give wants none, and one that refuses shows no secret', async () => {
    const http: EngineServerOptions['http'] = ({ url }) => (url?.includes('/about') ? { status: 200, body: '{}' } : { status: 404 })
    await using engine = await startEngine({ answer: evaluating, http })
    await using sense = createSense({
      host: '127.0.0.1',
      proxyPort: engine.port,
      auth: header({ name: 'hdr-usr', user: 'canary', ca: engine.ca, origin: 'https://sense.lab' }),
    })
    expect(await sense.engine.withApp(id, (app) => app.evaluate('1'))).toBe(7)
    expect(engine.upgrades[0]?.headers).toMatchObject({ 'hdr-usr': 'canary', origin: 'https://sense.lab' })
    expect(engine.upgrades[0]?.url).not.toContain('csrf')

    await using refusing = await startEngine({ http, refuse: 403 })
    const auth = session({ cookie: 'X-Qlik-Session=canarycookie', ca: refusing.ca })
    await using other = createSense({ host: '127.0.0.1', proxyPort: refusing.port, auth })
    const error = await other.engine.open(id).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ENGINE_UPGRADE', status: 403, message: expect.stringContaining('Origin') })
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('canary')
  })
})

function evaluating({ method }: { readonly method: string }): typeof evaluated | undefined {
  return method === 'EvaluateEx' ? evaluated : undefined
}

function through(
  { port, ca }: Pick<EngineServer, 'port'> & { readonly ca: string | undefined },
  options: Partial<SenseOptions> = {},
): Sense {
  const auth = certificate({ pfx: pfxBytes, passphrase: pfxPassphrase, ...(ca !== undefined && { ca }) })
  return createSense({ host: '127.0.0.1', enginePort: port, auth, user: 'CANARY\\canary-user', ...options })
}

async function evaluate(engine: EngineServer): Promise<unknown> {
  await using sense = through(engine)
  return await sense.engine.withApp(id, (app) => app.evaluate('1'))
}

/** What opening an app and evaluating something ends with. */
async function failure(
  engine: Pick<EngineServer, 'port'> & { readonly ca: string | undefined },
  options: Partial<SenseOptions> = {},
): Promise<EngineError> {
  await using sense = through(engine, options)
  const error = await sense.engine.withApp(id, (app) => app.evaluate('1')).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(EngineError)
  expect(inspect(error, { depth: null, showHidden: true }) + JSON.stringify(error)).not.toMatch(/canary/i)
  return error as EngineError
}
