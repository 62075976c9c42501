import { SenseError } from './errors.js'

/**
 * The two parts of `DIRECTORY\user`.
 *
 * @throws {@link SenseError} `SENSE_OPTION` for text without a backslash, or with a character that would change a header's meaning
 */
export function parseUser(user: string): { readonly directory: string; readonly id: string } {
  const match = /^([^\\;=\p{Cc}]+)\\([^\\;=\p{Cc}]+)$/u.exec(user)
  // The user's name is not repeated: it is half of a credential.
  if (match === null) throw new SenseError('SENSE_OPTION', String.raw`user must be written DIRECTORY\user, without ; and =`)
  const [, directory = '', id = ''] = match
  return { directory, id }
}

/**
 * The `X-Qlik-User` header for `DIRECTORY\user`. What is not ASCII is percent-encoded.
 *
 * @throws {@link SenseError} `SENSE_OPTION` as {@link parseUser}
 */
export function toUserHeader(user: string): string {
  const { directory, id } = parseUser(user)
  return `UserDirectory=${encode(directory)}; UserId=${encode(id)}`
}

function encode(text: string): string {
  return text.replace(/[^\u0020-\u007e]+/g, encodeURIComponent)
}
