import { createHmac } from 'node:crypto'
import { createSense, header, jwt, session, ticket, certificate, type ProxyAuth, type Sense } from '@butlerkit/sense'
import { simulateSense, type SimulatedSense } from '@butlerkit/sense-simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

// The ways in through the simulator's proxy, which was written from the facts on its own.

const key = 'a-shared-secret'
const id = 'a2b8c7d6-1111-4222-8333-444455556666'
let site: SimulatedSense

beforeEach(async () => {
  site = await simulateSense({
    seed: {
      users: [{ directory: 'LAB', id: 'ann' }],
      apps: [{ id, name: 'Sales', stream: 'Everyone', content: { tables: [{ name: 't', fields: ['A'], rows: [[1], [2]] }] } }],
      tags: ['one'],
      virtualProxies: [
        {},
        { prefix: 'hdr', headerName: 'hdr-usr', userDirectory: 'LAB' },
        { prefix: 'jwt', jwtKey: key, csrf: true, allowedOrigins: ['https://good.lab'] },
      ],
    },
  })
})
afterEach(() => site.close())

describe('through the simulated proxy', () => {
  it.each<[string, () => ProxyAuth]>([
    ['header', () => header({ name: 'hdr-usr', user: 'ann', virtualProxy: 'hdr', ca: site.certificates.ca })],
    ['jwt', () => jwt({ token: token(), virtualProxy: 'jwt', ca: site.certificates.ca, origin: 'https://good.lab' })],
    ['ticket', () => ticket({ certificate: certificate(site.certificates), user: 'LAB\\ann', ca: site.certificates.ca })],
  ])('%s reads, writes, and opens apps', async (_, auth) => {
    await using sense = through(auth())
    expect(await sense.qrs.apps.list()).toMatchObject([{ name: 'Sales' }])
    expect(await sense.qrs.tags.create({ name: 'fresh' })).toMatchObject({ name: 'fresh' })
    expect(await sense.engine.withApp(id, (app) => app.evaluate('Sum(A)'))).toBe(3)
    expect(await sense.health.engine()).toMatchObject({ saturated: false })
  })

  it('is one session, however much is asked', async () => {
    await using sense = through(header({ name: 'hdr-usr', user: 'ann', virtualProxy: 'hdr', ca: site.certificates.ca }))
    for (let round = 0; round < 8; round++) await Promise.all([sense.qrs.about(), sense.qrs.apps.list()])
    await using watcher = createSense({
      host: site.host,
      proxyApiPort: site.proxyApiPort,
      auth: certificate(site.certificates),
      user: 'INTERNAL\\sa_api',
    })
    expect(await watcher.health.userSessions({ virtualProxy: 'hdr' })).toMatchObject([{ directory: 'LAB', userId: 'ann' }])
  })

  it('has five sessions at once, and a sixth when one has been closed', async () => {
    await using sense = through(header({ name: 'hdr-usr', user: 'ann', virtualProxy: 'hdr', ca: site.certificates.ca }))
    const five = await Promise.all(Array.from({ length: 5 }, () => sense.engine.open(id)))
    await expect(sense.engine.open(id)).rejects.toMatchObject({
      code: 'ENGINE_SESSION',
      state: 'OnMaxParallelSessionsExceeded',
      transient: true,
    })
    await five[0]?.[Symbol.asyncDispose]()
    expect(await sense.engine.withApp(id, (app) => app.evaluate('Sum(A)'))).toBe(3)
  })

  it('is refused without right: QRS_AUTH, ENGINE_UPGRADE', async () => {
    const { ca } = site.certificates
    for (const auth of [jwt({ token: `${token()}x`, virtualProxy: 'jwt', ca }), session({ cookie: 'X-Qlik-Session=no', ca })]) {
      await using sense = through(auth)
      await expect(sense.qrs.about()).rejects.toMatchObject({ code: 'QRS_AUTH' })
    }
    await using foreign = through(jwt({ token: token(), virtualProxy: 'jwt', ca, origin: 'https://bad.lab' }))
    await expect(foreign.engine.open(id)).rejects.toMatchObject({ code: 'ENGINE_UPGRADE', status: 403 })
  })
})

function through(auth: ProxyAuth): Sense {
  return createSense({ host: site.host, proxyPort: site.proxyPort, proxyApiPort: site.proxyApiPort, auth })
}

function token(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const data = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ userId: 'ann', userDirectory: 'LAB' })}`
  return `${data}.${createHmac('sha256', key).update(data).digest('base64url')}`
}
