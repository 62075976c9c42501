import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { messageOf } from '@butlerkit/core'
import { SenseError } from '../errors.js'
import type { CertificateAuth } from './auth.js'

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

/** The one file the QMC exports in Windows format: certificate and key in one, with the root certificate if it was asked for. */
export interface CertificatePfx {
  /** Path of the file (`client.pfx`), or its bytes. */
  readonly pfx: string | Uint8Array
  /** The password chosen at the export. @defaultValue none */
  readonly passphrase?: string
  /** The site's root certificate as PEM text, where the file does not hold it. */
  readonly ca?: string | Uint8Array
}

/**
 * Authentication with the client certificate that the QMC exports (Certificates). Files are read here and at once: what is missing is known
 * before anything is started.
 *
 * @throws {@link SenseError} `SENSE_CERTIFICATE` naming the file that cannot be read, or when certificate, key and passphrase do not fit
 * @see Qlik Sense for administrators: Exporting certificates through the QMC
 */
export function certificate(source: CertificateFolder | CertificateText | CertificatePfx): CertificateAuth {
  const { ca, passphrase, ...parts } = readParts(source)
  try {
    const secureContext = createSecureContext({
      ...parts,
      ...(ca !== undefined && { ca: bytesOf(ca) }),
      ...(passphrase !== undefined && { passphrase }),
    })
    return { kind: 'certificate', secureContext }
  } catch (cause) {
    const where = 'dir' in source ? ` in ${source.dir}` : ''
    throw new SenseError('SENSE_CERTIFICATE', `client certificate${where} cannot be used: ${messageOf(cause)}${hintFor(cause)}`, { cause })
  }
}

type Parts = { readonly passphrase?: string; readonly ca?: string | Uint8Array } & (
  | { readonly cert: Buffer; readonly key: Buffer }
  | { readonly pfx: Buffer }
)

function readParts(source: CertificateFolder | CertificateText | CertificatePfx): Parts {
  if ('pfx' in source) return { ...source, pfx: bytesOf(typeof source.pfx === 'string' ? read(source.pfx) : source.pfx) }
  const { cert, key, ...rest } = 'dir' in source ? readFolder(source) : source
  return { cert: bytesOf(cert), key: bytesOf(key), ...rest }
}

function readFolder({ dir, ...rest }: CertificateFolder): CertificateText {
  return { cert: read(join(dir, 'client.pem')), key: read(join(dir, 'client_key.pem')), ca: read(join(dir, 'root.pem')), ...rest }
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new SenseError('SENSE_CERTIFICATE', `cannot read ${file}: ${messageOf(cause)}`, { cause })
  }
}

/** What OpenSSL 3 says of the ciphers that Windows has long used for PFX files, and of a wrong password. */
function hintFor(cause: unknown): string {
  const text = messageOf(cause)
  if (/unsupported/i.test(text)) return ' (an old cipher: export in PEM format, or convert the file with openssl pkcs12 -legacy)'
  return /mac verify failure/i.test(text) ? ' (the passphrase is not the right one)' : ''
}

function bytesOf(pem: string | Uint8Array): Buffer {
  return Buffer.from(pem as Uint8Array)
}
