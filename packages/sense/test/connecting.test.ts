import { inspect } from 'node:util'
import { certificate, createSense, QrsError, type SenseOptions } from '@butlerkit/sense'
import { createCertificateAuthority, simulateSense, type CertificateAuthority, type IssuedCertificate } from '@butlerkit/sense-simulator'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createImpatientClock } from './support/impatient-clock.js'
import { connection } from './support/site.js'
import { startTcpServer, startTlsServer, type PortServer } from './support/tls-server.js'

const hosts = ['127.0.0.1']
const dayMs = 86_400_000

let ours: CertificateAuthority
let theirs: CertificateAuthority
let server: IssuedCertificate
let client: IssuedCertificate

beforeAll(async () => {
  ours = await createCertificateAuthority({ commonName: 'ours' })
  theirs = await createCertificateAuthority({ commonName: 'theirs' })
  server = await ours.issue({ commonName: 'sense1', hosts })
  client = await ours.issue({ commonName: 'client', client: true })
})

describe('a server', () => {
  it('whose certificate comes from another authority is not trusted', async () => {
    await using listening = await startTlsServer(await theirs.issue({ commonName: 'sense1', hosts }))
    const error = await failure(listening)
    expect(error).toMatchObject({ code: 'QRS_TLS', message: expect.stringContaining('root.pem'), sent: false, transient: false })
    expect(listening.requests).toBe(0)
  })

  it('is not trusted with the authority in its chain either', async () => {
    const { cert, key } = await theirs.issue({ commonName: 'sense1', hosts })
    await using listening = await startTlsServer({ cert: cert + '\n' + theirs.ca, key })
    const error = await failure(listening)
    expect(error).toMatchObject({ code: 'QRS_TLS', message: expect.stringMatching(/SELF_SIGNED_CERT_IN_CHAIN.*root\.pem/) })
  })

  it('whose certificate has expired is not trusted', async () => {
    const past = { notBefore: new Date(Date.now() - 2 * dayMs), notAfter: new Date(Date.now() - dayMs) }
    await using listening = await startTlsServer(await ours.issue({ commonName: 'sense1', hosts, ...past }))
    expect(await failure(listening)).toMatchObject({ code: 'QRS_TLS', message: expect.stringMatching(/CERT_HAS_EXPIRED.*renew/) })
  })

  it('whose certificate names another host is not trusted, unless told to expect that name', async () => {
    await using listening = await startTlsServer(await ours.issue({ commonName: 'sense1', hosts: ['sense1.lab'] }))
    expect(await failure(listening)).toMatchObject({
      code: 'QRS_TLS',
      message: expect.stringMatching(/ERR_TLS_CERT_ALTNAME_INVALID.*servername/),
    })
    expect(await failure(listening, { servername: 'sense1.lab' })).toMatchObject({ code: 'QRS_ANSWER' })
  })

  it('is not trusted because the environment says that anybody is', async () => {
    await using listening = await startTlsServer(await theirs.issue({ commonName: 'sense1', hosts }))
    // Node prints a warning of its own.
    vi.spyOn(process, 'emitWarning').mockReturnValue()
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    try {
      expect(await failure(listening)).toMatchObject({ code: 'QRS_TLS' })
    } finally {
      vi.unstubAllEnvs()
      vi.restoreAllMocks()
    }
  })

  it.each([
    ['TLSv1.2', 'QRS_TLS'],
    ['TLSv1.3', 'QRS_UNREACHABLE'],
  ] as const)('that does not accept the client certificate is told so under %s', async (version, code) => {
    const mutual = { ca: theirs.ca, requestCert: true, rejectUnauthorized: true, minVersion: version, maxVersion: version } as const
    await using listening = await startTlsServer({ ...server, ...mutual })
    expect(await failure(listening)).toMatchObject({ code, message: expect.stringContaining('client certificate') })
    expect(listening.requests).toBe(0)
  })

  it('that hangs up during the handshake is asked again, as it may be starting', async () => {
    await using listening = await startTcpServer((socket) => socket.once('data', () => socket.destroy()))
    const clock = createImpatientClock()
    expect(await failure(listening, { clock })).toMatchObject({ code: 'QRS_TLS', sent: false, transient: true })
    expect(clock.waits).toEqual([250, 1_000, 3_000])
  })

  it('that does not speak TLS is told so', async () => {
    await using listening = await startTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    expect(await failure(listening)).toMatchObject({ code: 'QRS_TLS', message: expect.stringContaining('no TLS'), sent: false })
  })

  it('that cannot be found is QRS_UNREACHABLE', async () => {
    const error = await failure({ port: 4242 }, { host: 'sense1.invalid' })
    expect(error).toMatchObject({ code: 'QRS_UNREACHABLE', sent: false, message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) })
  })

  it('that takes the connection and says nothing is given up on', async () => {
    await using listening = await startTcpServer(() => {})
    const clock = createImpatientClock()
    expect(await failure(listening, { connectTimeoutMs: 1, clock })).toMatchObject({ code: 'QRS_TIMEOUT', sent: false, transient: true })
    expect(clock.waits).toEqual([])
  })
})

describe('close', () => {
  it('closes the connections it has kept', async () => {
    await using listening = await startTlsServer(server)
    const auth = certificate({ ...client, ca: ours.ca })
    const sense = createSense({ host: '127.0.0.1', qrsPort: listening.port, auth, user: String.raw`INTERNAL\sa_api` })
    await sense.qrs.about().catch(() => {})
    await sense.close()
    await expect(listening.deserted()).resolves.toBeUndefined()
    expect(listening.requests).toBe(1)
  })
})

describe('what fails', () => {
  it('shows neither key nor user, whatever it is', async () => {
    await using site = await simulateSense({ seed: {} })
    await using refusing = await startTcpServer((socket) => socket.destroy())
    await using untrusted = await startTlsServer(await theirs.issue({ commonName: 'sense1', hosts }))
    const secrets = ['canary-user', 'CANARY', 'PRIVATE KEY', client.key.split('\n')[2] ?? '?']
    const user = String.raw`CANARY\canary-user`
    const errors = [
      await failure(refusing, { user }),
      await failure(untrusted, { user }),
      await failure(site, { ...connection(site), user }),
      await failure(site, { user }),
    ]
    expect(errors.map(({ code }) => code)).toEqual(['QRS_TLS', 'QRS_TLS', 'QRS_FORBIDDEN', 'QRS_TLS'])
    for (const error of errors) {
      const shown = inspect(error, { depth: null, showHidden: true }) + error.stack + JSON.stringify(error)
      for (const secret of secrets) expect(shown).not.toContain(secret)
    }
    await using sense = createSense({ ...connection(site), user })
    const shown = inspect(sense, { depth: null, showHidden: true })
    for (const secret of secrets) expect(shown).not.toContain(secret)
  })
})

describe('options', () => {
  it.each<[Partial<SenseOptions>, RegExp]>([
    [{ host: 'https://sense1.lab' }, /host/],
    [{ host: 'sense1.lab/qrs' }, /host/],
    [{ host: 'sense1.lab:4242' }, /host/],
    [{ host: 'me@sense1.lab' }, /host/],
    [{ host: '' }, /host/],
    [{ user: 'sa_api' }, /DIRECTORY\\user/],
    [{ user: 'INTERNAL\\' }, /DIRECTORY\\user/],
    [{ user: 'A\\b; UserId=c' }, /DIRECTORY\\user/],
    [{ user: 'A\\b\r\nx: y' }, /DIRECTORY\\user/],
    [{ qrsPort: 0 }, /qrsPort/],
    [{ qrsPort: 65_536 }, /qrsPort/],
    [{ timeoutMs: 0 }, /timeoutMs/],
    [{ timeoutMs: 2_147_483_648 }, /timeoutMs/],
    [{ connectTimeoutMs: 1.5 }, /connectTimeoutMs/],
    [{ maxConnections: Number.NaN }, /maxConnections/],
    [{ allowTasks: { ids: ['all'] } }, /allowTasks/],
  ])('%j are refused, naming the one that is wrong', (options, message) => {
    const make = () => createSense({ host: 'sense1.lab', auth: certificate({ ...client, ca: ours.ca }), user: 'A\\b', ...options })
    expect(make).toThrow(expect.objectContaining({ code: 'SENSE_OPTION' }))
    expect(make).toThrow(message)
  })

  it.each(['sense1.lab', 'SENSE1', '10.0.0.1', '::1'])('host may be %s', async (host) => {
    const sense = createSense({ host, auth: certificate({ ...client, ca: ours.ca }), user: 'A\\b' })
    await expect(sense.close()).resolves.toBeUndefined()
  })
})

async function failure({ port }: Pick<PortServer, 'port'>, options: Partial<SenseOptions> = {}): Promise<QrsError> {
  const auth = certificate({ ...client, ca: ours.ca })
  await using sense = createSense({
    host: '127.0.0.1',
    qrsPort: port,
    auth,
    user: String.raw`INTERNAL\sa_api`,
    clock: createImpatientClock(),
    ...options,
  })
  const error = await sense.qrs.about().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(QrsError)
  return error as QrsError
}
