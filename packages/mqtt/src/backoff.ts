import type { MqttReconnectOptions } from './options.js'

/** How long to wait before the next connection attempt. */
export interface Backoff {
  /** A connection stands. */
  connected(): void
  /**
   * Milliseconds to wait now, and the number of the attempt that follows, 1 for the first since a stable connection.
   *
   * @param refused - the broker answered, and said no: asking again soon is no use, so the longest wait is due
   */
  next(refused: boolean): { readonly attempt: number; readonly waitMs: number }
}

/**
 * Exponential back-off with jitter and a cap. A connection that was lost before it was stable does not start the waits anew, so
 * that a broker which accepts and drops everyone is not stormed.
 */
export function createBackoff(
  { initialMs, maxMs, jitter, stableMs }: Required<MqttReconnectOptions>,
  now: () => number = Date.now,
  random: () => number = Math.random,
): Backoff {
  let attempts = 0
  let connectedAt: number | undefined
  return {
    connected() {
      connectedAt = now()
    },
    next(refused) {
      if (connectedAt !== undefined && now() - connectedAt >= stableMs) attempts = 0
      connectedAt = undefined
      const waitMs = refused ? maxMs : Math.min(maxMs, initialMs * 2 ** attempts)
      attempts += 1
      return { attempt: attempts, waitMs: Math.max(1, Math.round(waitMs * (1 + jitter * (2 * random() - 1)))) }
    },
  }
}
