import { SenseError } from './errors.js'

/**
 * The `X-Qlik-User` header for `DIRECTORY\user`. What is not ASCII is percent-encoded.
 *
 * @throws {@link SenseError} `SENSE_OPTION` for text without a backslash, or with a character that would change the header's meaning
 */
export function toUserHeader(user: string): string {
  const match = /^([^\\;=\p{Cc}]+)\\([^\\;=\p{Cc}]+)$/u.exec(user)
  // The user's name is not repeated: it is half of a credential.
  if (match === null) throw new SenseError('SENSE_OPTION', String.raw`user must be written DIRECTORY\user, without ; and =`)
  const [, directory = '', id = ''] = match
  return `UserDirectory=${encode(directory)}; UserId=${encode(id)}`
}

function encode(text: string): string {
  return text.replace(/[^\u0020-\u007e]+/g, encodeURIComponent)
}
