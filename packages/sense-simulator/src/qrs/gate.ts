import type { IncomingHttpHeaders } from 'node:http'
import type { WireUser } from '@butlerkit/sense'
import { Refusal } from '../http/answer.js'

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
    checkKey(headers, query)
    return identify(headers)
  }
}

/** Refuses a call whose anti-forgery pair does not match. @throws `Refusal` 403 */
export function checkKey(headers: IncomingHttpHeaders, query: Query): void {
  const key = query.get('xrfkey')
  if (key === undefined || !/^[0-9A-Za-z]{16}$/.test(key) || headers['x-qlik-xrfkey'] !== key)
    throw new Refusal(403, 'XSRF prevention check failed. Possible XSRF discovered.')
}

/** Finds the user of the header `X-Qlik-User` among those of the site. */
export function createIdentify(users: ReadonlyMap<string, WireUser>): Identify {
  const known = createUserIndex(users)
  return (headers) => {
    const header = headers['x-qlik-user']
    return admit(known(parseUser(typeof header === 'string' ? header : '')))
  }
}

/** Lets a user in who is known and active. @throws `Refusal` 403 */
export function admit(user: WireUser | undefined): string {
  if (user === undefined) throw new Refusal(403, 'Access denied')
  if (user.inactive) throw new Refusal(403, 'Your account is inactive. Contact your administrator to activate it.')
  return `${user.userDirectory}\\${user.userId}`
}

/** Finds users by directory and id, in any case. The index is made anew when it does not lead to whom it should. */
export function createUserIndex(users: ReadonlyMap<string, WireUser>): (user: UserName) => WireUser | undefined {
  let index = new Map<string, string>()
  return (wanted) => {
    const key = keyOf(wanted)
    const found = users.get(index.get(key) ?? '')
    if (found && keyOf(found) === key) return found
    index = new Map([...users.values()].map((user) => [keyOf(user), user.id]))
    return users.get(index.get(key) ?? '')
  }
}

/** How a user is called. */
export type UserName = Pick<WireUser, 'userDirectory' | 'userId'>

function keyOf({ userDirectory, userId }: UserName): string {
  return `${userDirectory}\\${userId}`.toLowerCase()
}

/** Reads `UserDirectory=INTERNAL; UserId=sa_api`. What is not there is empty, and no user is called that. */
function parseUser(header: string): UserName {
  const parts = new Map(
    header.split(';').map((part) => {
      const [name = '', value = ''] = part.split('=', 2)
      return [name.trim().toLowerCase(), decode(value.trim())]
    }),
  )
  return { userDirectory: parts.get('userdirectory') ?? '', userId: parts.get('userid') ?? '' }
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
