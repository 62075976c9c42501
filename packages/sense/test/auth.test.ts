import { createServer } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { certificate, createSense, header, jwt, q, QrsError, session, ticket, type ProxyAuth, type Sense } from '@butlerkit/sense'
import { describe, expect, it } from 'vitest'
import { pfxBytes, pfxCertificate, pfxPassphrase } from './support/pfx.js'
import { startProxy, type TestProxy, type TestProxyOptions } from './support/proxy.js'

const token = 'canary.jwt.token'
const byToken: TestProxyOptions['believes'] = ({ headers }) => headers.authorization === `Bearer ${token}`

describe('jwt', () => {
  it('logs in with one GET, and goes on with the cookie', async () => {
    await using proxy = await startProxy({ believes: byToken, prefix: '/sense/jwt' })
    await using sense = through(proxy, jwt({ token, virtualProxy: 'sense/jwt', ca: proxy.ca }))
    expect(await sense.qrs.about()).toMatchObject({ buildVersion: '1.0' })
    await Promise.all(Array.from({ length: 5 }, () => sense.qrs.about()))
    expect(proxy.sessions).toBe(1)
    expect(new Set(proxy.asked)).toEqual(new Set(['GET /sense/jwt/qrs/about', 'GET /sense/jwt/qps/csrftoken']))
    expect(proxy.requests.at(-1)?.headers).toMatchObject({ cookie: 'X-Qlik-Session=canarysession1' })
    expect(proxy.requests.at(-1)?.headers).not.toHaveProperty('x-qlik-user')
  })

  it('begins one session however many ask at first', async () => {
    await using proxy = await startProxy({ believes: byToken })
    await using sense = through(proxy, jwt({ token, ca: proxy.ca }))
    await Promise.all(Array.from({ length: 8 }, () => sense.qrs.about()))
    expect(proxy.sessions).toBe(1)
  })

  it('logs in again when the proxy has ended the session, with a fresh token', async () => {
    let fetched = 0
    const oneUse = new Set<string>()
    const believes: TestProxyOptions['believes'] = ({ headers }) => oneUse.delete(headers.authorization ?? '')
    await using proxy = await startProxy({ believes, stranger: (response) => response.writeHead(401).end() })
    const fresh = async () => {
      oneUse.add(`Bearer canary${++fetched}`)
      return `canary${fetched}`
    }
    await using sense = through(proxy, jwt({ token: fresh, ca: proxy.ca }))
    await sense.qrs.about()
    proxy.forget()
    await Promise.all([sense.qrs.about(), sense.qrs.about()])
    expect({ fetched, sessions: proxy.sessions }).toEqual({ fetched: 2, sessions: 2 })
  })

  it('sends the token with each request where the proxy sets no cookie', async () => {
    await using proxy = await startProxy({ believes: byToken, cookies: false })
    await using sense = through(proxy, jwt({ token, ca: proxy.ca }))
    await sense.qrs.about()
    expect(proxy.requests.map(({ headers }) => headers.authorization)).toEqual(Array.from({ length: 3 }, () => `Bearer ${token}`))
  })

  it.each<[string, TestProxyOptions['stranger']]>([
    ['a redirect', (response) => response.writeHead(302, { location: '/login', 'set-cookie': 'X=1' }).end()],
    ['401', (response) => response.writeHead(401).end(token)],
    ['a page that says 200', (response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<form>')],
  ])('that is not accepted is QRS_AUTH, whether told by %s', async (_, stranger) => {
    await using proxy = await startProxy({ believes: () => false, ...(stranger && { stranger }) })
    await using sense = through(proxy, jwt({ token, ca: proxy.ca }))
    expect(await failure(sense)).toMatchObject({ code: 'QRS_AUTH' })
  })

  it('trusts no proxy without its authority', async () => {
    await using proxy = await startProxy({ believes: byToken })
    await using sense = through(proxy, jwt({ token }))
    expect(await failure(sense)).toMatchObject({ code: 'QRS_TLS' })
    expect(proxy.requests).toHaveLength(0)
  })

  it('gives up on the log-in by the caller’s signal, without ending that of others', async () => {
    let give: ((value: string) => void) | undefined
    const given = new Promise<string>((resolve) => (give = resolve))
    await using proxy = await startProxy({ believes: byToken })
    await using sense = through(proxy, jwt({ token: () => given, ca: proxy.ca }))
    const caller = new AbortController()
    const gone = sense.qrs.about({ signal: caller.signal })
    const stays = sense.qrs.about()
    caller.abort('mine')
    await expect(gone).rejects.toBe('mine')
    give?.(token)
    expect(await stays).toMatchObject({ buildVersion: '1.0' })
  })
})

describe('header', () => {
  it('sends the header the virtual proxy believes', async () => {
    await using proxy = await startProxy({ believes: ({ headers }) => headers['hdr-usr'] === 'LAB\\ann' })
    await using sense = through(proxy, header({ name: 'Hdr-Usr', user: 'LAB\\ann', ca: proxy.ca }))
    expect(await sense.qrs.about()).toMatchObject({ buildVersion: '1.0' })
    expect(proxy.sessions).toBe(1)
  })
})

describe('session', () => {
  it('uses the cookie as it is, and asks for another when it is over', async () => {
    await using proxy = await startProxy({ believes: ({ headers }) => headers['x-log-me-in'] === 'yes' })
    const cookies = ['X-Qlik-Session=canaryover', 'X-Qlik-Session=canarysession1']
    await logInByHand(proxy)
    await using sense = through(proxy, session({ cookie: () => cookies.shift() ?? '', ca: proxy.ca }))
    expect(await sense.qrs.about()).toMatchObject({ buildVersion: '1.0' })
    expect(cookies).toEqual([])
  })
})

describe('ticket', () => {
  it('is fetched with the certificate, and exchanged for a cookie once', async () => {
    const tickets = new Set<string>()
    await using proxy = await startProxy({
      prefix: '/tick',
      believes: (_, url) => tickets.delete(url.searchParams.get('qlikTicket') ?? ''),
    })
    await using api = await startTicketApi((path, body) => {
      expect(path).toBe('/qps/tick/ticket')
      expect(body).toEqual({ UserDirectory: 'LAB', UserId: 'ann', Attributes: [{ group: 'sales' }] })
      const fresh = `canaryticket${tickets.size}`
      tickets.add(fresh)
      return { Ticket: fresh, TargetUri: null }
    })
    const auth = ticket({
      certificate: pfx(),
      user: 'LAB\\ann',
      attributes: { group: 'sales' },
      virtualProxy: 'tick',
      ca: proxy.ca,
    })
    await using sense = createSense({ host: '127.0.0.1', auth, proxyPort: proxy.port, proxyApiPort: api.port })
    await sense.qrs.about()
    await sense.qrs.about()
    expect(proxy.sessions).toBe(1)
    expect(proxy.requests.at(-1)?.url).not.toContain('qlikTicket')
    proxy.forget()
    await sense.qrs.about()
    expect(proxy.sessions).toBe(2)
  })
})

describe('certificate', () => {
  it('takes a PFX file with its passphrase', async () => {
    await using api = await startTicketApi(() => ({ buildVersion: '1.0' }))
    await using sense = createSense({ host: '127.0.0.1', auth: pfx(), user: 'A\\b', qrsPort: api.port })
    expect(await sense.qrs.about()).toMatchObject({ buildVersion: '1.0' })
  })

  it('says that a passphrase is wrong, without repeating it', () => {
    expect(() => certificate({ pfx: pfxBytes, passphrase: 'canary-wrong' })).toThrow(
      expect.objectContaining({ code: 'SENSE_CERTIFICATE', message: expect.stringMatching(/passphrase(?!.*canary)/) }),
    )
    expect(() => certificate({ pfx: '/nowhere/client.pfx' })).toThrow('/nowhere/client.pfx')
  })
})

describe('no secret shows', () => {
  it('in any error, nor in the options as printed', async () => {
    const echo: TestProxyOptions['answer'] = (response, url, request) =>
      void response
        .writeHead(url.searchParams.has('filter') ? 400 : 200)
        .end(url.searchParams.has('filter') ? inspect([request.headers, url.href]) : '{}')
    const refuse: TestProxyOptions['stranger'] = (response) =>
      void response.writeHead(400).end(inspect(response.req.headers) + response.req.url)
    await using letIn = await startProxy({ believes: () => true, answer: echo })
    await using refused = await startProxy({ believes: () => false, stranger: refuse })
    await using api = await startTicketApi(() => ({ Ticket: 'canaryticket' }))
    const made = (ca: string): ProxyAuth[] => [
      jwt({ token, ca }),
      header({ name: 'hdr-usr', user: 'canary-user', ca }),
      session({ cookie: 'X-Qlik-Session=canarycookie', ca }),
      ticket({ certificate: pfx(), user: 'canary\\canary-user', ca }),
    ]
    for (const proxy of [letIn, refused]) {
      for (const auth of made(proxy.ca)) {
        await using sense = createSense({ host: '127.0.0.1', auth, proxyPort: proxy.port, proxyApiPort: api.port })
        const error = await sense.qrs.apps
          .list({ filter: q`name eq ${'x'}`, signal: AbortSignal.timeout(20_000) })
          .catch((thrown: unknown) => thrown)
        expect(error).toBeInstanceOf(QrsError)
        expect(shownWhole(error)).not.toMatch(/canary/i)
        expect(shownWhole(auth) + shownWhole(sense)).not.toMatch(/canary/i)
      }
    }
  })
})

describe('options', () => {
  it.each([
    () => jwt({ token: '' }),
    () => jwt({ token: 'a\nb' }),
    () => jwt({ token, virtualProxy: '/jwt/' }),
    () => jwt({ token, virtualProxy: 'a/../b' }),
    () => jwt({ token, virtualProxy: 'a b' }),
    () => header({ name: 'a b', user: 'x' }),
    () => header({ name: 'a', user: 'x\r\ny: z' }),
    () => session({ cookie: '' }),
    () => ticket({ certificate: pfx(), user: 'canary' }),
    () => createSense({ host: 'h', auth: pfx() }),
    () => createSense({ host: 'h', auth: jwt({ token }), proxyPort: 0 }),
  ])('that cannot be used are refused: %s', (make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'SENSE_OPTION', message: expect.not.stringContaining('canary') }))
  })

  it('names an authority that is not PEM', () => {
    expect(() => jwt({ token, ca: '-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----' })).toThrow(
      expect.objectContaining({ code: 'SENSE_CERTIFICATE', message: expect.not.stringContaining('canary') }),
    )
  })
})

function through({ port }: TestProxy, auth: ProxyAuth): Sense {
  return createSense({ host: '127.0.0.1', auth, proxyPort: port })
}

function pfx() {
  return certificate({ pfx: pfxBytes, passphrase: pfxPassphrase, ca: pfxCertificate })
}

async function failure(sense: Sense): Promise<unknown> {
  const error = await sense.qrs.about().catch((thrown: unknown) => thrown)
  expect(shownWhole(error)).not.toMatch(/canary/i)
  return error
}

function shownWhole(value: unknown): string {
  return inspect(value, { depth: null, showHidden: true }) + (value instanceof Error ? value.stack : '') + JSON.stringify(value)
}

async function logInByHand({ port, ca }: TestProxy): Promise<void> {
  await using sense = createSense({ host: '127.0.0.1', auth: header({ name: 'x-log-me-in', user: 'yes', ca }), proxyPort: port })
  await sense.qrs.about()
}

/** The proxy's API, which wants the certificate of the PFX file. */
async function startTicketApi(answer: (path: string, body: unknown) => unknown): Promise<AsyncDisposable & { readonly port: number }> {
  const tls = { pfx: pfxBytes, passphrase: pfxPassphrase, ca: pfxCertificate, requestCert: true, rejectUnauthorized: true }
  const server = createServer(tls, (request, response) => {
    void text(request).then((body) =>
      response.end(JSON.stringify(answer(request.url?.split('?', 1)[0] ?? '', body === '' ? undefined : JSON.parse(body)))),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
