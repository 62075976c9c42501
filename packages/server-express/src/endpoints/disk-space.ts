import { statfs } from 'node:fs/promises'
import { z } from 'zod'
import { endpoint } from '../endpoint.js'
import { allowedPath, toApiError } from '../files/allowed-path.js'

const bytes = z.number().nonnegative()

/** Tells the space of the disk a path is on, in bytes. */
export const diskSpace = endpoint({
  method: 'GET',
  path: '/getDiskSpace',
  summary: 'Tells how many bytes the disk of an allowed path has: in all, free, and free for this process',
  access: 'key',
  needs: ['diskPaths'],
  query: z.strictObject({ path: z.string().min(1).max(4_096) }),
  reply: z.object({ path: z.string(), available: bytes, free: bytes, total: bytes }),
  async handler({ query, services }) {
    const { bsize, bavail, bfree, blocks } = await statfs(await allowedPath(query.path, services.diskPaths)).catch((error: unknown) => {
      throw toApiError(error)
    })
    return { path: query.path, available: bavail * bsize, free: bfree * bsize, total: blocks * bsize }
  },
})
