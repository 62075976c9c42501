import { sleep, type Clock } from '@butlerkit/core'
import type { RequestError } from '../errors.js'
import { joinSignals } from '../signals.js'

/** Waits before the second, third and fourth try of what may be tried again. */
const retryDelaysMs = [250, 1_000, 3_000]
/** A server that wants to be left alone for longer is not waited for. */
const longestRetryAfterMs = 60_000

/**
 * How long to wait before another try, or `undefined` for none: only a passing failure is worth one, and a timeout has used up its time. A
 * server that says when to come back is believed.
 *
 * @param attempt - how many tries there have been, less one
 */
export function delayBefore(attempt: number, { code, transient, retryAfterMs = 0 }: RequestError): number | undefined {
  const delayMs = retryDelaysMs[attempt]
  if (!transient || code.endsWith('_TIMEOUT') || delayMs === undefined || retryAfterMs > longestRetryAfterMs) return undefined
  return Math.max(delayMs, retryAfterMs)
}

/** `Retry-After` in milliseconds: seconds or a date. @see RFC 9110, section 10.2.3 */
export function toRetryAfterMs(value: string | string[] | undefined, clock: Clock): number | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1_000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.now())
}

/** Waits. @throws the reason of whichever signal aborts first */
export async function pause(clock: Clock, delayMs: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  const life = joinSignals(...signals)
  try {
    await sleep(clock, delayMs, life.signal)
  } finally {
    life.release()
  }
}
