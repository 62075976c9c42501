/** How long to wait before an attempt. */
export type Backoff = (
  /** The attempt that failed: 1 for the first. */
  attempt: number,
) => number

/** Bounds of exponential waiting. */
export interface ExponentialOptions {
  /** The first wait. @defaultValue 1_000 */
  readonly initialMs?: number
  /** The longest wait. @defaultValue 60_000 */
  readonly maxMs?: number
  /** What each wait is multiplied with. @defaultValue 2 */
  readonly factor?: number
  /** Spreads each wait over ±25 %, so that many clients do not come back at once. @defaultValue true */
  readonly jitter?: boolean
}

/** Waits that grow: `initialMs × factor ⁿ`, at most `maxMs`, spread by a quarter. */
export function exponential(options: ExponentialOptions = {}): Backoff {
  const { initialMs = 1_000, maxMs = 60_000, factor = 2, jitter = true } = options
  return (attempt) => {
    const wait = Math.min(maxMs, initialMs * factor ** (attempt - 1))
    return jitter ? wait * (0.75 + Math.random() * 0.5) : wait
  }
}
