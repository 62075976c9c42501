import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from '../http/answer.js'

/** Who may call. */
export interface KnownUser {
  readonly directory: string
  readonly id: string
  /** @defaultValue false */
  readonly inactive?: boolean
}

/** Qlik's own users, which exist on every site in the directory INTERNAL. */
const serviceUsers = ['repository', 'api', 'scheduler', 'engine', 'proxy', 'printing', 'hub', 'converter', 'reporting']

/** Lets a call in and says whose it is, `DIRECTORY\\id`, or refuses it. @throws `Refusal` 403 */
export type Gate = (headers: IncomingHttpHeaders, query: Query) => string

/** Who calls: `DIRECTORY\\id` in the spelling of the site. @throws `Refusal` 403 for who is unknown or inactive */
export type Identify = (headers: IncomingHttpHeaders) => string

/** The query of a call by lower-case name. */
export type Query = ReadonlyMap<string, string>

/**
 * Makes the gate every call passes: the anti-forgery pair must match, and the user must be known and active.
 *
 * @see Qlik Sense Repository Service API, Connecting: `Xrfkey`, `X-Qlik-User`
 */
export function createGate(identify: Identify): Gate {
  return (headers, query) => {
    const key = query.get('xrfkey')
    if (key === undefined || !/^[0-9A-Za-z]{16}$/.test(key) || headers['x-qlik-xrfkey'] !== key)
      throw new Refusal(403, 'XSRF prevention check failed. Possible XSRF discovered.')
    return identify(headers)
  }
}

/** Finds the user of the header `X-Qlik-User` among Qlik's own and the site's. */
export function createIdentify(users: readonly KnownUser[]): Identify {
  const known = new Map<string, KnownUser>()
  for (const user of [...serviceUsers.map((name) => ({ directory: 'INTERNAL', id: `sa_${name}` })), ...users]) known.set(keyOf(user), user)

  return (headers) => {
    const header = headers['x-qlik-user']
    const user = known.get(keyOf(parseUser(typeof header === 'string' ? header : '')))
    if (user === undefined) throw new Refusal(403, 'Access denied')
    if (user.inactive === true) throw new Refusal(403, 'Your account is inactive. Contact your administrator to activate it.')
    return `${user.directory}\\${user.id}`
  }
}

function keyOf({ directory, id }: KnownUser): string {
  return `${directory}\\${id}`.toLowerCase()
}

/** Reads `UserDirectory=INTERNAL; UserId=sa_api`. What is not there is empty, and no user is called that. */
function parseUser(header: string): KnownUser {
  const parts = new Map(
    header.split(';').map((part) => {
      const [name = '', value = ''] = part.split('=', 2)
      return [name.trim().toLowerCase(), decode(value.trim())]
    }),
  )
  return { directory: parts.get('userdirectory') ?? '', id: parts.get('userid') ?? '' }
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
