import { ApiError } from '../errors.js'

/**
 * Refuses a path that could mean something else than it says, on this platform or on another: what is harmless on Linux today is run on
 * Windows tomorrow, and a name no system agrees on helps nobody. Says nothing about where the path leads.
 *
 * @param windows - whether `\` separates segments and `C:` may begin a path; elsewhere both are refused
 * @throws {@link ApiError} `PATH_DENIED` saying what is wrong
 * @see security.md, row 1; CWE-67 for device names; Microsoft, Naming Files, Paths, and Namespaces
 */
export function checkPathSyntax(path: string, windows: boolean): void {
  const [, problem] = wholePath.find(([pattern]) => pattern.test(path)) ?? []
  if (problem) throw denied(problem)
  if (!windows && path.includes('\\')) throw denied('holds a backslash')
  const relative = windows ? path.replace(/^[A-Za-z]:(?=[\\/])/, '') : path
  if (relative.includes(':')) throw denied('holds a colon, as drives and alternate data streams do')
  for (const segment of relative.split(/[\\/]/)) checkSegment(segment)
}

const wholePath: readonly (readonly [RegExp, string])[] = [
  [/^\s*$/, 'is empty'],
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  [/[\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069]/, 'holds a control character'],
  [/^[\\/]{2}/, 'begins like a network or device path'],
  // Fullwidth and other look-alikes of / and \ turn into these where a file system or a code page normalizes.
  [/[\u2044\u2215\u29F5\u29F8\u29F9\uFE68\uFF0F\uFF3C]/, 'holds a look-alike of a separator'],
  // Our caller's query is decoded already, so what still looks encoded was encoded twice.
  [/%[0-9a-f]{2}/i, 'holds a percent sequence'],
  [/\uFFFD/, 'is not valid UTF-8'],
]

function checkSegment(segment: string): void {
  if (segment === '..') throw denied('holds ..')
  // Windows drops them, so `.. ` and `secret.` name something else than they say.
  if (/[. ]$/.test(segment)) throw denied('has a segment that ends in a dot or a space')
  if (/^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00B9\u00B2\u00B3])\s*(?:\.|$)/i.test(segment)) throw denied('names a device')
  if (/^[^.]{1,6}~\d{1,6}(?:\.[^.]{0,3})?$/.test(segment)) throw denied('holds an 8.3 name')
}

function denied(what: string): ApiError {
  return new ApiError('PATH_DENIED', `path ${what}`)
}
