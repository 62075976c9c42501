// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs the global Reflect.metadata when it loads
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** A certificate and its private key, both PEM text. */
export interface IssuedCertificate {
  readonly cert: string
  /** PKCS #8, not encrypted. */
  readonly key: string
}

/** What a certificate says and for how long. */
export interface IssueOptions {
  /** The subject's name: a machine for a server, anything for a client. */
  readonly commonName: string
  /** DNS names and IP addresses a server answers for. @defaultValue none */
  readonly hosts?: readonly string[]
  /** For a client instead of a server. @defaultValue false */
  readonly client?: boolean
  /** @defaultValue an hour ago, so that clocks may differ */
  readonly notBefore?: Date
  /** @defaultValue a year from now */
  readonly notAfter?: Date
}

/** A certificate authority in memory, for tests and simulators. Its own private key cannot be read. */
export interface CertificateAuthority {
  /** The authority's own certificate, PEM text: what the other side trusts. */
  readonly ca: string
  /** Issues a certificate with a new key on the curve P-256. */
  issue(options: IssueOptions): Promise<IssuedCertificate>
}

/** How an authority begins. */
export interface CertificateAuthorityOptions {
  /** The authority's name. @defaultValue 'Butlerkit test CA' */
  readonly commonName?: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const hourMs = 3_600_000
const yearMs = 365 * 24 * hourMs

/** Makes a certificate authority: a self-signed root of its own, valid for ten years. */
export async function createCertificateAuthority(options: CertificateAuthorityOptions = {}): Promise<CertificateAuthority> {
  const name = [{ CN: [options.commonName ?? 'Butlerkit test CA'] }]
  const keys = await generateKeys()
  const root = await X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - hourMs),
    notAfter: new Date(Date.now() + 10 * yearMs),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })

  return {
    ca: `${root.toString('pem')}\n`,
    async issue({ commonName, hosts = [], client = false, notBefore, notAfter }) {
      const { publicKey, privateKey } = await generateKeys()
      const alternativeNames = hosts.map((host) => ({ type: isIP(host) ? ('ip' as const) : ('dns' as const), value: host }))
      const certificate = await X509CertificateGenerator.create({
        subject: [{ CN: [commonName] }],
        issuer: name,
        publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        notBefore: notBefore ?? new Date(Date.now() - hourMs),
        notAfter: notAfter ?? new Date(Date.now() + yearMs),
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([client ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth]),
          await AuthorityKeyIdentifierExtension.create(keys.publicKey),
          ...(alternativeNames.length > 0 ? [new SubjectAlternativeNameExtension(alternativeNames)] : []),
        ],
      })
      return { cert: `${certificate.toString('pem')}\n`, key: await toPem(privateKey) }
    },
  }
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function toPem(privateKey: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')}\n`
}
