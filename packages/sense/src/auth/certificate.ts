import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import { messageOf } from '@butlerkit/core'
import { SenseError } from '../errors.js'

/** How a client proves who it is. Keys are inside the secure context and cannot be read back, so nothing that prints this shows them. */
export interface SenseAuth {
  readonly kind: 'certificate'
  /** Client certificate, its key and the authority to trust, ready for TLS. */
  readonly secureContext: SecureContext
}

/** A folder with the files the QMC exports in PEM format: `client.pem`, `client_key.pem`, `root.pem`. */
export interface CertificateFolder {
  readonly dir: string
  /** Of `client_key.pem`, where it is encrypted. @defaultValue none */
  readonly passphrase?: string
}

/** The same three as PEM text. */
export interface CertificateText {
  readonly cert: string | Uint8Array
  readonly key: string | Uint8Array
  /** The site's root certificate: Sense signs its own, so without it no server is trusted but those of public authorities. */
  readonly ca?: string | Uint8Array
  /** Of `key`, where it is encrypted. @defaultValue none */
  readonly passphrase?: string
}

/**
 * Authentication with the client certificate that the QMC exports (Certificates, PEM format). Files are read here and at once: what is
 * missing is known before anything is started.
 *
 * @throws {@link SenseError} `SENSE_CERTIFICATE` naming the file that cannot be read, or when certificate, key and passphrase do not fit
 * @see Qlik Sense for administrators: Exporting certificates through the QMC
 */
export function certificate(source: CertificateFolder | CertificateText): SenseAuth {
  const { cert, key, ca, passphrase } = 'dir' in source ? readFolder(source) : source
  try {
    const secureContext = createSecureContext({
      cert: bytesOf(cert),
      key: bytesOf(key),
      ...(ca !== undefined && { ca: bytesOf(ca) }),
      ...(passphrase !== undefined && { passphrase }),
    })
    return { kind: 'certificate', secureContext }
  } catch (cause) {
    const where = 'dir' in source ? ` in ${source.dir}` : ''
    throw new SenseError('SENSE_CERTIFICATE', `client certificate${where} cannot be used: ${messageOf(cause)}`, { cause })
  }
}

function readFolder({ dir, ...rest }: CertificateFolder): CertificateText {
  return { cert: read(dir, 'client.pem'), key: read(dir, 'client_key.pem'), ca: read(dir, 'root.pem'), ...rest }
}

function read(dir: string, name: string): Uint8Array {
  const file = join(dir, name)
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new SenseError('SENSE_CERTIFICATE', `cannot read ${file}: ${messageOf(cause)}`, { cause })
  }
}

function bytesOf(pem: string | Uint8Array): Buffer {
  return Buffer.from(pem as Uint8Array)
}
