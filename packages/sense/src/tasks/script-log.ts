import { sleep, type Clock } from '@butlerkit/core'
import { joinSignals } from '../signals.js'

/** Which script log to fetch, and with what. */
export interface FetchScriptLogOptions {
  /** Gives `undefined` while there is none. */
  readonly read: (signal: AbortSignal) => Promise<string | undefined>
  readonly clock: Clock
  readonly closed: AbortSignal
  readonly signal: AbortSignal | undefined
}

/** A log is often not there right after the end: asked for again so many times, so far apart. @see Butler issue 1499 */
const retries = 3
const retryDelayMs = 2_000

/** The lines of a script log, or `undefined` if it does not come. */
export async function fetchScriptLog({ read, clock, closed, signal }: FetchScriptLogOptions): Promise<readonly string[] | undefined> {
  const life = joinSignals(signal, closed)
  try {
    for (let retry = 0; ; retry++) {
      const text = await read(life.signal)
      if (text !== undefined) return toLines(text)
      if (retry === retries) return undefined
      await sleep(clock, retryDelayMs, life.signal)
    }
  } finally {
    life.release()
  }
}

function toLines(text: string): string[] {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}
