import type { Clock } from '@butlerkit/core'
import type { ProofHeaders } from '../auth/identity.js'
import type { CloudAuth, TokenExchange } from './auth.js'

/** What goes on requests to prove who asks. */
export interface Bearer {
  /** The headers for one request. Gets a token first where that is needed, once for all who ask meanwhile. */
  headers(): ProofHeaders | Promise<ProofHeaders>
  /** Told that a request with `used` was answered with 401. True where another token may help. */
  expire(used: ProofHeaders): boolean
}

/** A token is renewed so long before its end, or a tenth of its life where that is shorter. */
const renewalMs = 60_000

/** Keeps one token, and renews it. */
export function createBearer(auth: CloudAuth, exchange: TokenExchange, clock: Clock): Bearer {
  let held: { readonly headers: ProofHeaders; readonly renewAtMs: number } | undefined
  let asking: Promise<ProofHeaders> | undefined
  return {
    headers() {
      if (held !== undefined && clock.now() < held.renewAtMs) return held.headers
      return (asking ??= ask().finally(() => (asking = undefined)))
    },
    expire(used) {
      // Somebody else may have got another since.
      if (held?.headers === used) held = undefined
      return auth.isRenewable
    },
  }

  async function ask(): Promise<ProofHeaders> {
    const { value, lifetimeMs = Infinity } = await auth.token(exchange)
    const headers = { authorization: `Bearer ${value}` }
    held = { headers, renewAtMs: clock.now() + lifetimeMs - Math.min(renewalMs, lifetimeMs / 10) }
    return headers
  }
}
