/** Something that happens in a run. `retry` ends the attempt as failed and begins another; the last five end the run. */
export type RunEvent = 'queued' | 'started' | 'retry' | 'success' | 'failed' | 'error' | 'skipped' | 'aborted'

/** One step of a scripted run: something happens, or time passes. */
export type RunStep = RunEvent | `${number}ms` | `${number}s` | `${number}m`

const endings = ['success', 'failed', 'error', 'skipped', 'aborted'] as const satisfies readonly RunEvent[]
const events: readonly string[] = ['queued', 'started', 'retry', ...endings]
const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

/** What a run does where nothing else is said. */
export const defaultRun: readonly RunStep[] = ['started', '2s', 'success']

/** Tells whether a text is a step: the name of a {@link RunEvent}, or a time of `ms`, `s` or `m`. */
export function isRunStep(value: unknown): value is RunStep {
  return typeof value === 'string' && (isRunEvent(value) || durationOf(value) !== undefined)
}

/** Tells a step in which something happens from one in which time passes. */
export function isRunEvent(step: string): step is RunEvent {
  return events.includes(step)
}

/** Tells whether a step ends the run. A script without such a step runs until it is stopped or its time is over. */
export function isEnding(step: RunStep): boolean {
  return endings.some((ending) => ending === step)
}

/** How long a step lasts, in milliseconds; undefined for one that is no time. */
export function durationOf(step: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(step) ?? []
  const unitMs = unitsMs[unit]
  return amount === undefined || unitMs === undefined ? undefined : Number(amount) * unitMs
}
