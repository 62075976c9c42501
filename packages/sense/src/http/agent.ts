import { Agent, buildConnector } from 'undici'
import type { SenseAuth } from '../auth/auth.js'

/** How to connect. */
export interface AgentOptions {
  /** Client certificate and authority. */
  readonly auth: Pick<SenseAuth, 'secureContext'>
  /** Name to expect in the server's certificate. */
  readonly servername: string | undefined
  /** Longest wait for a connection with TLS, in milliseconds. */
  readonly connectTimeoutMs: number
  /** Most connections to one service at once; further requests wait for one. */
  readonly connections: number
}

const connectFailures = new WeakSet<object>()

/** Whether an error came up before a connection stood, so that nothing was sent. Codes alone do not tell: `ECONNRESET` may be either. */
export function failedToConnect(error: unknown): boolean {
  return typeof error === 'object' && error !== null && connectFailures.has(error)
}

/** Kept-alive connections to the site's services, with the client's certificate or its authority. TLS is always verified. */
export function createAgent({ auth, servername, connectTimeoutMs, connections }: AgentOptions): Agent {
  const connect = buildConnector({
    secureContext: auth.secureContext,
    // Spelled out, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would switch it off.
    rejectUnauthorized: true,
    timeout: connectTimeoutMs,
    ...(servername !== undefined && { servername }),
  })
  return new Agent({
    connections,
    // Longer than the longest pause between two polls, so that following a run costs one handshake.
    keepAliveTimeout: 20_000,
    // The client has one deadline for the whole answer, on its own clock.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect(options, callback) {
      connect(options, (...result) => {
        if (result[0] !== null) connectFailures.add(result[0])
        callback(...result)
      })
    },
  })
}
