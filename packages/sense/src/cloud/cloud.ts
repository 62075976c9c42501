import { silent, systemClock, type Clock, type Logger } from '@butlerkit/core'
import type { Dispatcher } from 'undici'
import { trusting } from '../auth/auth.js'
import { checkRange } from '../check-range.js'
import { SenseError } from '../errors.js'
import { createAgent } from '../http/agent.js'
import { createCloudApps, type CloudApps } from './apps.js'
import type { CloudAuth } from './auth.js'
import { createCloudClient } from './client.js'
import { createAppPolicy, type CloudAppAllowList } from './policy.js'
import { createCloudReloads, type CloudReloads } from './reloads.js'

/** Which tenant, as whom, and what is allowed. */
export interface CloudOptions {
  /** Address of the tenant, `https://<tenant>.<region>.qlikcloud.com`. */
  readonly tenant: string
  /** Made by `apiKey` or `oauth`. */
  readonly auth: CloudAuth
  /** Apps that may be reloaded, whoever asks. @defaultValue none */
  readonly allowApps?: CloudAppAllowList | 'all'
  /** Longest wait for one whole answer, in milliseconds, 1 to 2_147_483_647. @defaultValue 30_000 */
  readonly timeoutMs?: number
  /** Longest wait for a connection, in milliseconds, 1 to 2_147_483_647. @defaultValue 10_000 */
  readonly connectTimeoutMs?: number
  /** Most connections at once; further requests wait. At least 1. @defaultValue 10 */
  readonly maxConnections?: number
  /** PEM text of the authority to trust in place of the public ones, where something between here and Qlik Cloud looks into TLS. */
  readonly ca?: string | Uint8Array
  /** Connections of your own, such as undici's `ProxyAgent`, in place of the three options above. Stays yours to close. */
  readonly dispatcher?: Dispatcher
  /** Time for timeouts, polls, back-off and tokens; connecting has the machine's own. @defaultValue systemClock */
  readonly clock?: Clock
  /** @defaultValue silent */
  readonly logger?: Logger
}

/** A tenant of Qlik Cloud. */
export interface Cloud extends AsyncDisposable {
  readonly apps: CloudApps
  readonly reloads: CloudReloads
  /** Ends what waits (`SENSE_CLOSED`), lets requests under way finish, and closes the connections. May be called twice. */
  close(): Promise<void>
}

const defaults = { allowApps: {}, timeoutMs: 30_000, connectTimeoutMs: 10_000, maxConnections: 10 } as const

/**
 * Makes a client for one tenant of Qlik Cloud. Connects with the first request.
 *
 * @throws {@link SenseError} `SENSE_OPTION` naming the option that cannot be used, `SENSE_CERTIFICATE` for a `ca` that is not PEM
 */
export function createCloud(options: CloudOptions): Cloud {
  const { tenant, auth, allowApps, timeoutMs, connectTimeoutMs, maxConnections } = { ...defaults, ...options }
  const { clock = systemClock, logger = silent } = options
  checkRange('timeoutMs', timeoutMs)
  checkRange('connectTimeoutMs', connectTimeoutMs)
  checkRange('maxConnections', maxConnections)
  const origin = originOfTenant(tenant)
  const allows = createAppPolicy(allowApps)

  const closing = new AbortController()
  const closed = closing.signal
  const { dispatcher = openAgent() } = options
  const client = createCloudClient({ origin, dispatcher, auth, timeoutMs, clock, logger, closed })
  let closingAgent: Promise<void> | undefined
  const close = async () => {
    closing.abort(new SenseError('SENSE_CLOSED', 'the Qlik Cloud client was closed'))
    if (options.dispatcher === undefined) await (closingAgent ??= dispatcher.close())
  }

  return {
    apps: createCloudApps(client),
    reloads: createCloudReloads({ client, allows, clock, logger, closed }),
    close,
    [Symbol.asyncDispose]: close,
  }

  function openAgent() {
    const secureContext = trusting(options.ca)
    return createAgent({ auth: { secureContext }, servername: undefined, connectTimeoutMs, connections: maxConnections })
  }
}

function originOfTenant(tenant: string): string {
  const url = URL.canParse(tenant) ? new URL(tenant) : undefined
  // What a key goes to is named whole: no path that would be dropped, no user, and never in the clear.
  if (url?.protocol === 'https:' && `${url.origin}/` === url.href) return url.origin
  throw new SenseError('SENSE_OPTION', 'tenant must be an address such as https://acme.eu.qlikcloud.com, with nothing after the host')
}
