import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto'

/** What a token says of its user. */
export interface JwtUser {
  readonly userId: string
  readonly userDirectory: string
}

/**
 * Reads a token: signed with the key, in time, and with `userId` and `userDirectory` among its claims.
 *
 * @param key - PEM of a public key (RS256, ES256), or a secret (HS256)
 * @returns undefined for a token that is not good
 */
export function readJwt(token: string, key: string, nowMs: number): JwtUser | undefined {
  const [head = '', body = '', signature = '', ...rest] = token.split('.')
  const claims = rest.length === 0 && isSigned(head, body, Buffer.from(signature, 'base64url'), key) ? parse(body) : undefined
  const { userId, userDirectory, exp, nbf } = claims ?? {}
  if (typeof userId !== 'string' || typeof userDirectory !== 'string') return undefined
  if (typeof exp === 'number' && exp * 1_000 <= nowMs) return undefined
  if (typeof nbf === 'number' && nbf * 1_000 > nowMs) return undefined
  return { userId, userDirectory }
}

// The key decides which algorithms are good, never the token alone.
function isSigned(head: string, body: string, signature: Buffer, key: string): boolean {
  const { alg } = parse(head) ?? {}
  const data = Buffer.from(`${head}.${body}`)
  if (!key.includes('-----BEGIN')) {
    const wanted = createHmac('sha256', key).update(data).digest()
    return alg === 'HS256' && signature.length === wanted.length && timingSafeEqual(signature, wanted)
  }
  const publicKey = createPublicKey(key)
  if (alg === 'RS256') return publicKey.asymmetricKeyType === 'rsa' && verify('sha256', data, publicKey, signature)
  return (
    alg === 'ES256' &&
    publicKey.asymmetricKeyType === 'ec' &&
    verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
  )
}

function parse(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  } catch {
    return undefined
  }
}
