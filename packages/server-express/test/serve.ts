import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { butlerApi, type ButlerApiOptions, type ButlerServices, type SenseServices } from '../src/index.js'

/** The key every test's API takes. */
export const apiKey = 'k3y-CANARY-0123456789abcdef'

/** A butler that is well and forgets what it publishes. */
export const butler: ButlerServices = {
  health: () => ({ ready: true, components: { mqtt: { state: 'connected', ready: true } } }),
  publishRaw: () => Promise.resolve(),
}

const emptyDump = {
  properties: {},
  loadScript: "SET a = 'b';",
  stories: [],
  masterobjects: [],
  appprops: [],
  dimensions: [],
  measures: [],
  bookmarks: [],
  embeddedmedia: [],
  snapshots: [],
  fields: [],
  dataconnections: [],
  variables: [],
  lineage: [],
}

/** A Sense site with two apps where every task starts. */
export const sense: SenseServices = {
  qrs: {
    about: () => Promise.resolve({ buildVersion: '38.22.0.0', secret: 'not for strangers' }),
    apps: {
      list: () =>
        Promise.resolve([
          { id: 'a1', name: 'Sales', owner: 'somebody' },
          { id: 'a2', name: 'Stock', owner: 'somebody' },
        ]),
    },
  },
  apps: {
    dump: (appId) => Promise.resolve({ ...emptyDump, appId, sheets: [{ qProperty: { title: 'One' } }], secret: 'not for strangers' }),
  },
  tasks: { start: () => Promise.resolve({ executionId: 'e1' }) },
}

/** Serves an app with the API mounted at `/butler`, on a free port. */
export async function serve(options: Partial<ButlerApiOptions> = {}) {
  const app = express()
  app.use('/butler', butlerApi({ butler, apiKeys: [apiKey], ...options }))
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    port,
    /** Asks for a path below the mount, with the key unless told otherwise. */
    async get(path: string, init: RequestInit = {}) {
      const headers = init.headers ?? { 'x-api-key': apiKey }
      const response = await fetch(`http://127.0.0.1:${port}/butler${path}`, { ...init, headers })
      const text = await response.text()
      const type = response.headers.get('content-type')?.replace(/; charset=utf-8$/, '')
      return {
        status: response.status,
        headers: response.headers,
        type,
        text,
        body: type?.includes('json') && text ? JSON.parse(text) : undefined,
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A promise and the way to settle it: Node 20 has no `Promise.withResolvers`. */
export function createDeferred<T>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}
