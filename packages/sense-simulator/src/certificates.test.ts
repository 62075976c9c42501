import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { createCertificateAuthority } from './certificates.js'

const authority = await createCertificateAuthority({ commonName: 'sense1.lab-CA, "quoted"' })

describe('createCertificateAuthority', () => {
  it('signs what it issues', async () => {
    const { cert } = await authority.issue({ commonName: 'sense1.lab', hosts: ['sense1.lab', '127.0.0.1', '::1'] })
    const root = new X509Certificate(authority.ca)
    const leaf = new X509Certificate(cert)
    expect(root.ca).toBe(true)
    expect(leaf.ca).toBe(false)
    expect(leaf.verify(root.publicKey)).toBe(true)
    expect(leaf.checkIssued(root)).toBe(true)
    expect(leaf.checkHost('sense1.lab')).toBe('sense1.lab')
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(leaf.checkIP('::1')).toBe('::1')
    expect(leaf.checkHost('other.lab')).toBeUndefined()
  })

  it('keeps to the dates it is given', async () => {
    const notBefore = new Date('2020-01-01T00:00:00Z')
    const notAfter = new Date('2020-02-01T00:00:00Z')
    const { cert } = await authority.issue({ commonName: 'old', notBefore, notAfter })
    expect(new Date(new X509Certificate(cert).validFrom)).toEqual(notBefore)
    expect(new Date(new X509Certificate(cert).validTo)).toEqual(notAfter)
  })

  it('makes both ends of a mutual TLS connection trust each other', async () => {
    const ends = {
      server: await authority.issue({ commonName: 's', hosts: ['localhost'] }),
      client: await authority.issue({ commonName: 'c', client: true }),
    }
    expect(await handshake(ends)).toBe('authorized')
  })

  it('does not let a server certificate pass for a client', async () => {
    const server = await authority.issue({ commonName: 's', hosts: ['localhost'] })
    expect(await handshake({ server, client: server })).toBe('refused')
  })

  it('does not trust another authority of the same name', async () => {
    const other = await createCertificateAuthority({ commonName: 'sense1.lab-CA, "quoted"' })
    const server = await authority.issue({ commonName: 's', hosts: ['localhost'] })
    expect(await handshake({ server, client: await other.issue({ commonName: 'c', client: true }) })).toBe('refused')
  })
})

/** What a server that demands a client certificate makes of the connection. */
async function handshake({ server, client }: Record<'server' | 'client', { cert: string; key: string }>) {
  const listener = createServer({ ...server, ca: authority.ca, requestCert: true, rejectUnauthorized: true })
  const verdict = Promise.race([
    once(listener, 'secureConnection').then(([socket]) => {
      ;(socket as TLSSocket).end()
      return 'authorized'
    }),
    once(listener, 'tlsClientError').then(() => 'refused'),
  ])
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as { port: number }
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: authority.ca, ...client })
  socket.on('error', () => {})
  try {
    return await verdict
  } finally {
    socket.destroy()
    listener.close()
  }
}
