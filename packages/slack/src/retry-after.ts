/**
 * Reads a `Retry-After` header.
 *
 * @param now - milliseconds since 1970, for the form that names a date
 * @returns milliseconds to wait, 0 for a date gone by; `undefined` where the header is absent or makes no sense
 * @see RFC 9110, section 10.2.3
 */
export function parseRetryAfter(header: string | readonly string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined
  const value = header.trim()
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000
  // Date.parse takes nearly anything; an HTTP date begins with a day's name and ends in GMT.
  const at = /^[A-Z][a-z]{2}, .* GMT$/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
