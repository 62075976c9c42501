import { sleep, type Clock } from '@butlerkit/core'
import { joinSignals } from '../signals.js'
import type { EngineHealth } from './engine-health.js'
import type { Health } from './health.js'

/** What to watch, and how often. */
export interface WatchHealthOptions {
  /** Names or IP addresses of nodes; only with a certificate. @defaultValue the client's host */
  readonly nodes?: readonly string[] | undefined
  /** Between two looks at one node, in milliseconds, 1 to 2_147_483_647. @defaultValue 30_000 */
  readonly everyMs?: number | undefined
  /** How much sooner or later a look may come, as a part of `everyMs`, so that many watchers do not look all at once: 0 to below 1. @defaultValue 0.1 */
  readonly jitter?: number | undefined
  /** Ends the watch, without an error. */
  readonly signal?: AbortSignal | undefined
}

/** `saturated`: it answers, and takes no more work. `down`: it does not answer. */
export type HealthState = 'up' | 'saturated' | 'down'

/** One look at one node. */
export interface HealthSample {
  /** As given; `undefined` for the client's host. */
  readonly node: string | undefined
  readonly at: Date
  readonly state: HealthState
  /** The state at the last look; `undefined` at the first. */
  readonly before: HealthState | undefined
  /** Whether the state is another than before; not at the first look. */
  readonly changed: boolean
  /** `undefined` while down. */
  readonly health: EngineHealth | undefined
  /** Why it is down. */
  readonly error: unknown
}

/** What watching needs. */
export interface WatchHealthDeps {
  readonly ask: Health['engine']
  readonly clock: Clock
  readonly closed: AbortSignal
}

/** The same, with nothing left open. */
export interface WatchSettings extends WatchHealthOptions {
  readonly everyMs: number
  readonly jitter: number
}

/** Looks at each node on its own, so that one that hangs holds up no other. A reader who is slow gets only the latest sample of each node. */
export async function* watchHealth(options: WatchSettings, { ask, clock, closed }: WatchHealthDeps): AsyncGenerator<HealthSample> {
  const { nodes = [undefined], everyMs, jitter, signal } = options
  const life = joinSignals(signal, closed)
  const samples = new Map<string | undefined, HealthSample>()
  let wake = () => {}
  const watching = nodes.map(watch)
  try {
    while (!life.signal.aborted) {
      const [next] = samples.values()
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
          life.signal.addEventListener('abort', () => resolve(), { once: true })
        })
        continue
      }
      samples.delete(next.node)
      yield next
    }
    closed.throwIfAborted()
  } finally {
    life.abort(undefined)
    await Promise.all(watching)
    life.release()
  }

  async function watch(node: string | undefined): Promise<void> {
    let before: HealthState | undefined
    while (!life.signal.aborted) {
      const sample = await look(node, before)
      if (sample === undefined) return
      const unread = samples.get(node)
      // A change that nobody has read yet is not to get lost behind a sample that no longer shows it.
      samples.set(
        node,
        unread === undefined
          ? sample
          : { ...sample, before: unread.before, changed: unread.before !== undefined && unread.before !== sample.state },
      )
      before = sample.state
      wake()
      await sleep(clock, everyMs * (1 + jitter * (2 * Math.random() - 1)), life.signal).catch(() => {})
    }
  }

  async function look(node: string | undefined, before: HealthState | undefined): Promise<HealthSample | undefined> {
    const found = await ask({ node, signal: life.signal }).then(
      (health) => ({ health, error: undefined, state: health.saturated === true ? ('saturated' as const) : ('up' as const) }),
      (error: unknown) => ({ health: undefined, error, state: 'down' as const }),
    )
    if (life.signal.aborted) return undefined
    return { node, at: new Date(clock.now()), before, changed: before !== undefined && before !== found.state, ...found }
  }
}
