import { z } from 'zod'
import { endpoint } from '../endpoint.js'
import { allowedPath, allowedPathBelow } from '../files/allowed-path.js'
import { createDirectory } from '../files/create-directory.js'

const directory = z.object({ directory: z.string() })
const directoryQuery = z.strictObject({ directory: z.string().min(1).max(4_096) })

/** Makes a directory anywhere below the roots, with those missing above it. */
export const createDir = endpoint({
  method: 'GET',
  path: '/createDir',
  summary: 'Makes a directory, given by its absolute path, below an allowed root',
  access: 'key',
  needs: ['roots'],
  query: directoryQuery,
  reply: directory,
  async handler({ query, services }) {
    await createDirectory(await allowedPath(query.directory, services.roots))
    return query
  },
})

/** Makes a directory below the QVD root, with those missing above it. */
export const createDirQvd = endpoint({
  method: 'GET',
  path: '/createDirQVD',
  summary: 'Makes a directory, given relative to the QVD root',
  access: 'key',
  needs: ['qvdRoot'],
  query: directoryQuery,
  reply: directory,
  async handler({ query, services }) {
    await createDirectory(await allowedPathBelow(query.directory, services.qvdRoot))
    return query
  },
})
