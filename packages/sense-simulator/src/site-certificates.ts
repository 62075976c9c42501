import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCertificateAuthority, type IssuedCertificate } from './certificates.js'

/** What a client needs to get in, PEM text under the names of Node's TLS options. Made anew for each site. */
export interface SiteCertificates {
  /** The authority that signed the server's certificate and the client's. */
  readonly ca: string
  /** The client's certificate. */
  readonly cert: string
  /** The client's private key. */
  readonly key: string
  /**
   * Writes `root.pem`, `client.pem` and `client_key.pem` into a folder, as Qlik's management console exports them. Makes the folder if
   * there is none, and writes over what is there; only the owner can read the key.
   */
  writeTo(dir: string): Promise<void>
}

/**
 * What the site's servers show at the next handshakes: the right certificate, one that is `expired`, `notYetValid`, for a `wrongHost`, or from
 * an `untrusted` authority; or the right one, while every client's certificate is refused.
 */
export type ShownCertificate = 'valid' | 'expired' | 'notYetValid' | 'wrongHost' | 'untrusted' | 'refusesClients'

/** Makes a site's certificates: the client's and, apart, the server's. */
export async function createSiteCertificates(
  hosts: readonly string[],
): Promise<{ readonly client: SiteCertificates; show(shown: ShownCertificate): Promise<IssuedCertificate & { readonly ca: string }> }> {
  const [commonName = 'localhost'] = hosts
  const authority = await createCertificateAuthority({ commonName: `${commonName}-CA` })
  const server = await authority.issue({ commonName, hosts })
  const { cert, key } = await authority.issue({ commonName: 'QlikClient', client: true })
  const { ca } = authority
  const dayMs = 86_400_000
  const fromNow = (days: number) => new Date(Date.now() + days * dayMs)
  const shows: Readonly<Record<ShownCertificate, () => Promise<IssuedCertificate>>> = {
    valid: () => Promise.resolve(server),
    refusesClients: () => Promise.resolve(server),
    expired: () => authority.issue({ commonName, hosts, notBefore: fromNow(-2), notAfter: fromNow(-1) }),
    notYetValid: () => authority.issue({ commonName, hosts, notBefore: fromNow(1) }),
    wrongHost: () => authority.issue({ commonName: 'elsewhere', hosts: ['elsewhere.lab'] }),
    untrusted: async () => (await createCertificateAuthority()).issue({ commonName, hosts }),
  }
  return {
    async show(shown) {
      const trusted = shown === 'refusesClients' ? (await createCertificateAuthority()).ca : ca
      return { ...(await shows[shown]()), ca: trusted }
    },
    client: {
      ca,
      cert,
      // As a property that is read on demand, the key does not show when the site is printed.
      get key() {
        return key
      },
      async writeTo(dir) {
        await mkdir(dir, { recursive: true })
        await writeFile(join(dir, 'root.pem'), ca)
        await writeFile(join(dir, 'client.pem'), cert)
        await writeFile(join(dir, 'client_key.pem'), key, { mode: 0o600 })
      },
    },
  }
}
