import { lstat, realpath } from 'node:fs/promises'
import path, { type PlatformPath } from 'node:path'
import { ApiError } from '../errors.js'
import { checkPathSyntax } from './path-syntax.js'

/**
 * Finds out where a path really leads and whether that is inside one of the roots. Follows the symbolic links of the part that exists,
 * so a link out of a root, a sibling with the same beginning and a `..` all end outside. A path that is outside as it is written is refused
 * before the disk is asked: the answer must not tell what is there.
 *
 * @param requested - an absolute path; the part at its end that does not exist yet is kept as it is
 * @param roots - absolute paths of directories that exist, themselves allowed
 * @returns the real absolute path
 * @throws {@link ApiError} `PATH_DENIED`; `PATH_CONFLICT` where the path goes on below a file; `PATH_FAILED` where the file system does not
 *   tell, or the root is not there
 */
export async function allowedPath(requested: string, roots: readonly string[]): Promise<string> {
  checkPathSyntax(requested, path.sep === '\\')
  if (!path.isAbsolute(requested)) throw new ApiError('PATH_DENIED', 'path is not absolute')
  const target = path.resolve(requested)
  for (const root of roots) {
    if (!isInside(path.resolve(root), target)) continue
    const realRoot = await realpath(root).catch((cause: unknown) => {
      throw new ApiError('PATH_FAILED', 'the allowed directory is not there', { cause })
    })
    const real = await realPlace(target)
    if (isInside(realRoot, real)) return real
  }
  throw new ApiError('PATH_DENIED', 'path is outside of what is allowed')
}

/** As {@link allowedPath}, for a path that is relative to one root. */
export async function allowedPathBelow(requested: string, root: string): Promise<string> {
  checkPathSyntax(requested, path.sep === '\\')
  if (path.posix.isAbsolute(requested) || path.win32.isAbsolute(requested)) throw new ApiError('PATH_DENIED', 'path is not relative')
  return allowedPath(path.join(root, requested), [root])
}

/** Whether `inner` is `outer` or lies below it, compared by segments; case counts for nothing on Windows. */
export function isInside(outer: string, inner: string, on: PlatformPath = path): boolean {
  const way = on.relative(outer, inner)
  return way !== '..' && !way.startsWith(`..${on.sep}`) && !on.isAbsolute(way)
}

/** The real path of the nearest ancestor that exists, and the rest as written. */
async function realPlace(absolute: string): Promise<string> {
  const missing: string[] = []
  for (let existing = absolute; ; existing = path.dirname(existing)) {
    try {
      return path.join(await realpath(existing), ...missing)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw toApiError(error)
    }
    // A link to nowhere is no gap to be filled: what is made through it lands where it points.
    if (await exists(existing)) throw new ApiError('PATH_DENIED', 'path leads through a broken link')
    missing.unshift(path.basename(existing))
  }
}

async function exists(place: string): Promise<boolean> {
  return lstat(place).then(
    () => true,
    () => false,
  )
}

/** What the file system refused, without the path: it may tell of links and places the caller knows nothing of. */
export function toApiError(error: unknown): ApiError {
  const code = codeOf(error)
  if (code === 'ENOENT') return new ApiError('PATH_NOT_FOUND', 'nothing is at this path', { cause: error })
  if (code === 'EEXIST' || code === 'ENOTDIR') return new ApiError('PATH_CONFLICT', 'a file stands in the way', { cause: error })
  if (code === 'ELOOP' || code === 'ENAMETOOLONG') return new ApiError('PATH_DENIED', `path cannot be followed: ${code}`, { cause: error })
  return new ApiError('PATH_FAILED', `the file system refused: ${code}`, { cause: error })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
}
