import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { createPrivateKey } from 'node:crypto'
import { createCertificateAuthority, type CertificateAuthority, type IssuedCertificate } from '@butlerkit/sense-simulator'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SenseError } from '../errors.js'
import { certificate } from './certificate.js'

let authority: CertificateAuthority
let issued: IssuedCertificate
let dir: string

beforeAll(async () => {
  authority = await createCertificateAuthority()
  issued = await authority.issue({ commonName: 'client', client: true })
})
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'butlerkit-certificate-'))
  await writeFile(join(dir, 'client.pem'), issued.cert)
  await writeFile(join(dir, 'client_key.pem'), issued.key)
  await writeFile(join(dir, 'root.pem'), authority.ca)
})
afterEach(() => rm(dir, { recursive: true }))

describe('certificate', () => {
  it('takes a folder as the QMC exports it', () => {
    expect(certificate({ dir }).kind).toBe('certificate')
  })

  it.each(['client.pem', 'client_key.pem', 'root.pem'])('names %s when it is missing', async (name) => {
    await rm(join(dir, name))
    expect(() => certificate({ dir })).toThrow(expect.objectContaining({ code: 'SENSE_CERTIFICATE' }))
    expect(() => certificate({ dir })).toThrow(join(dir, name))
  })

  it('takes PEM text, with an encrypted key and its passphrase', () => {
    const key = createPrivateKey(issued.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'canary' })
    expect(certificate({ cert: issued.cert, key, ca: authority.ca, passphrase: 'canary' }).kind).toBe('certificate')
    const wrong = thrownBy(() => certificate({ cert: issued.cert, key, passphrase: 'canary-2' }))
    expect(wrong).toMatchObject({ code: 'SENSE_CERTIFICATE' })
    expect(inspect(wrong, { depth: null })).not.toContain('canary-2')
  })

  it('refuses a key that belongs to another certificate, showing neither', async () => {
    const other = await authority.issue({ commonName: 'other', client: true })
    const error = thrownBy(() => certificate({ cert: issued.cert, key: other.key }))
    expect(error).toBeInstanceOf(SenseError)
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('PRIVATE KEY')
  })

  it('refuses text that is not PEM, and does not repeat it', () => {
    const error = thrownBy(() => certificate({ cert: issued.cert, key: 'canary' }))
    expect(error).toMatchObject({ code: 'SENSE_CERTIFICATE' })
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('canary')
  })

  it('shows no key when it is printed', () => {
    const shown = inspect(certificate({ dir }), { depth: null, showHidden: true }) + JSON.stringify(certificate({ dir }))
    expect(shown).not.toContain('PRIVATE')
    expect(shown).not.toContain(issued.key.split('\n')[1])
  })
})

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
