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

/** Makes a site's certificates: the client's and, apart, the server's. */
export async function createSiteCertificates(
  hosts: readonly string[],
): Promise<{ readonly client: SiteCertificates; readonly server: IssuedCertificate }> {
  const [commonName = 'localhost'] = hosts
  const authority = await createCertificateAuthority({ commonName: `${commonName}-CA` })
  const server = await authority.issue({ commonName, hosts })
  const { cert, key } = await authority.issue({ commonName: 'QlikClient', client: true })
  const { ca } = authority
  return {
    server,
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
