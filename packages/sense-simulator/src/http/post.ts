import { request as httpRequest, type ClientRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { messageOf, type Logger } from '@butlerkit/core'
import type { Activity } from '../activity.js'

/** Tells those who want to be told. */
export interface Poster {
  /** Posts JSON, and does not wait for the answer. */
  post(address: string, body: string, extraHeaders?: Readonly<Record<string, string>>): void
  /** Gives up on those who have not answered yet. */
  close(): void
}

/** Makes a {@link Poster}. */
export function createPoster({ activity, logger }: { readonly activity: Activity; readonly logger: Logger }): Poster {
  const underWay = new Set<ClientRequest>()
  return {
    post(address, body, extraHeaders = {}) {
      const over = activity.begin()
      const send = address.startsWith('https:') ? httpsRequest : httpRequest
      const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body), ...extraHeaders }
      // Who listens has a certificate of its own, if any: nobody vouches for it.
      const outgoing = send(address, { method: 'POST', headers, agent: false, rejectUnauthorized: false }, (answer) => answer.resume())
      underWay.add(outgoing)
      outgoing.on('error', (error) => logger.debug('notification not delivered', { reason: messageOf(error) }))
      outgoing.on('close', () => {
        underWay.delete(outgoing)
        over()
      })
      outgoing.end(body)
    },
    close() {
      for (const outgoing of underWay) outgoing.destroy()
    },
  }
}
