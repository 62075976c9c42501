import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { ApiError } from './errors.js'

const leastLength = 16

/**
 * Makes the check of API keys. Compares SHA-256 digests in constant time, every key every time, so that the answer's time tells nothing
 * about a key, its length or its place among several.
 *
 * @returns whether the headers hold one of the keys, as `Authorization: Bearer …` or `X-Api-Key: …`; without keys never
 * @throws {@link ApiError} `API_OPTIONS` for a key that is short or no single word; the message does not hold it
 */
export function createKeyCheck(apiKeys: readonly string[]): (headers: IncomingHttpHeaders) => boolean {
  for (const [index, key] of apiKeys.entries()) {
    if (typeof key !== 'string' || !/^[\x21-\x7E]+$/.test(key) || key.length < leastLength) {
      throw new ApiError('API_OPTIONS', `apiKeys[${index}] must be ${leastLength} or more visible ASCII characters`)
    }
  }
  const known = apiKeys.map(digest)
  return (headers) => {
    let fits = false
    for (const key of keysOf(headers)) {
      const given = digest(key)
      for (const digestOfKnown of known) fits = timingSafeEqual(given, digestOfKnown) || fits
    }
    return fits
  }
}

function keysOf({ authorization = '', 'x-api-key': apiKey }: IncomingHttpHeaders): string[] {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
  return [bearer, apiKey].filter((key) => typeof key === 'string')
}

const digest = (key: string) => createHash('sha256').update(key).digest()
