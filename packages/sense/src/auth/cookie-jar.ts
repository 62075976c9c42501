import type { AnswerHeaders } from '../http/answer.js'

/** The cookies of one session with one proxy. Path, domain and age are left aside: the proxy is the only one asked, and says when it is over. */
export interface CookieJar {
  /** Takes what an answer sets. True where that changed anything. */
  take(headers: AnswerHeaders): boolean
  /** The `Cookie` header; `undefined` for none. */
  header(): string | undefined
}

/** Makes a jar. @param cookie - a `Cookie` header to begin with */
export function createCookieJar(cookie = ''): CookieJar {
  const cookies = new Map<string, string>()
  for (const pair of cookie.split(';')) put(pair)
  return {
    take(headers) {
      let changed = false
      for (const line of [headers['set-cookie'] ?? []].flat()) changed = put(line.split(';', 1)[0] ?? '') || changed
      return changed
    },
    header: () => (cookies.size === 0 ? undefined : [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')),
  }

  function put(pair: string): boolean {
    const [name = '', ...rest] = pair.split('=')
    const value = rest.join('=').trim()
    if (name.trim() === '' || cookies.get(name.trim()) === value) return false
    cookies.set(name.trim(), value)
    return true
  }
}
