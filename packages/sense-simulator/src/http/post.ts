import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { messageOf, type Logger } from '@butlerkit/core'
import type { Activity } from '../activity.js'

/** Posts JSON to who wants to be told, and does not wait for the answer. */
export function postJson(
  address: string,
  body: string,
  extraHeaders: Readonly<Record<string, string>>,
  { activity, logger }: { readonly activity: Activity; readonly logger: Logger },
): void {
  const over = activity.begin()
  const send = address.startsWith('https:') ? httpsRequest : httpRequest
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body), ...extraHeaders }
  // Who listens has a certificate of its own, if any: nobody vouches for it.
  const outgoing = send(address, { method: 'POST', headers, agent: false, rejectUnauthorized: false }, (answer) => answer.resume())
  outgoing.on('error', (error) => logger.debug('notification not delivered', { reason: messageOf(error) }))
  outgoing.on('close', over).end(body)
}
