import { mkdir, realpath } from 'node:fs/promises'
import { ApiError } from '../errors.js'
import { toApiError } from './allowed-path.js'

/**
 * Makes a directory and what is missing above it; one that exists already is fine.
 *
 * @param real - where to, as `allowedPath` found it: holds no symbolic link
 * @throws {@link ApiError} `PATH_CONFLICT` where a file stands in the way, `PATH_DENIED` where a part of the path became a link
 *   meanwhile, `PATH_FAILED` where the file system refuses
 */
export async function createDirectory(real: string): Promise<void> {
  const made = await mkdir(real, { recursive: true })
    .then(() => realpath(real))
    .catch((error: unknown) => {
      throw toApiError(error)
    })
  // Between the check and the making somebody may have put a link in the way.
  if (made !== real) throw new ApiError('PATH_DENIED', 'path became a link while the directory was made')
}
