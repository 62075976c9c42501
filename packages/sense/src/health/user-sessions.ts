import { z } from 'zod'
import type { QrsClient } from '../qrs/client.js'
import { optional } from '../qrs/fields.js'
import type { QrsCallOptions } from '../qrs/list-options.js'

/** A session that a user has with a virtual proxy. Its id is the session's cookie, so a secret: it is left out. */
export interface UserSession {
  readonly directory: string
  readonly userId: string
  /** From the log-in, such as groups; a name may come several times. */
  readonly attributes: readonly { readonly name: string; readonly value: string }[]
}

/** Which sessions. */
export interface UserSessionsOptions extends QrsCallOptions {
  /** Prefix of a virtual proxy. @defaultValue the default virtual proxy */
  readonly virtualProxy?: string | undefined
}

/** `GET /qps/[prefix/]session`. */
export const userSessionsWire = z.array(
  z.object({ UserDirectory: z.string(), UserId: z.string(), Attributes: optional(z.array(z.record(z.string(), z.unknown()))) }),
)

/** Asks a node's proxy who is there. */
export async function getUserSessions(client: QrsClient, { virtualProxy = '', signal }: UserSessionsOptions): Promise<UserSession[]> {
  const path = ['/qps', ...virtualProxy.split('/').filter(Boolean).map(encodeURIComponent), 'session'].join('/')
  const sessions = await client.json({ path, signal, retry: false }, userSessionsWire)
  return sessions.map(({ UserDirectory, UserId, Attributes }) => ({
    directory: UserDirectory,
    userId: UserId,
    attributes: (Attributes ?? []).flatMap((each) => Object.entries(each).map(([name, value]) => ({ name, value: String(value) }))),
  }))
}
