import { createRequire } from 'node:module'
import enigma from 'enigma.js'
import { WebSocket } from 'ws'
import type { SimulatedSense } from '@butlerkit/sense-simulator'

const schema: unknown = createRequire(import.meta.url)('enigma.js/schemas/12.2027.0.json')

/** How a test connects to the engine. */
export interface EnigmaOptions {
  /** @defaultValue '/app/engineData' */
  readonly path?: string
  /** @defaultValue 'UserDirectory=INTERNAL; UserId=sa_engine' */
  readonly user?: string
  /** @defaultValue enigma's, on */
  readonly delta?: boolean
}

/** An unmodified enigma.js session with the engine of a site, not yet open. */
export function enigmaSession(site: SimulatedSense, options: EnigmaOptions = {}): any {
  const { path = '/app/engineData', user = 'UserDirectory=INTERNAL; UserId=sa_engine', delta } = options
  const { ca, cert, key } = site.certificates
  return enigma.create({
    schema: schema as object,
    url: `wss://${site.host}:${site.enginePort}${path}`,
    createSocket: (url: string) => new WebSocket(url, { ca, cert, key, headers: { 'X-Qlik-User': user } }) as never,
    ...(delta === undefined ? {} : { protocol: { delta } }),
  })
}
