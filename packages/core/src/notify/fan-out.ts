import { ButlerError, messageOf } from '../errors.js'
import type { Notifier, Receipt } from './notifier.js'

/** Some or all targets of a {@link fanOut} failed; the others have their notification. */
export class FanOutError extends ButlerError<'NOTIFY_FAILED'> {
  override readonly name = 'FanOutError'
  /** What each failed target threw, by its name. */
  readonly failures: ReadonlyMap<string, unknown>
  /** What the others answered. */
  readonly receipts: readonly Receipt[]

  constructor(failures: ReadonlyMap<string, unknown>, receipts: readonly Receipt[]) {
    const list = [...failures].map(([name, error]) => `${name} (${messageOf(error)})`).join(', ')
    super('NOTIFY_FAILED', `${failures.size} of ${failures.size + receipts.length} targets failed: ${list}`)
    this.failures = failures
    this.receipts = receipts
  }
}

/**
 * Tells every target at once. One that fails stops none of the others.
 *
 * @param targets - at least one; two of the same name are told apart by their place
 * @throws {@link FanOutError} `NOTIFY_FAILED` after all have settled, when any failed
 */
export function fanOut(...targets: readonly Notifier[]): Notifier {
  const name = `fanOut(${targets.map((target) => target.name).join(', ')})`
  return {
    name,
    async notify(notification, options) {
      options?.signal?.throwIfAborted()
      // The arrow is async so that a target that throws at once is one failure among the others.
      const settled = await Promise.allSettled(targets.map(async (target) => target.notify(notification, options)))
      options?.signal?.throwIfAborted()
      const receipts: Receipt[] = []
      const failures = new Map<string, unknown>()
      for (const [index, result] of settled.entries()) {
        if (result.status === 'fulfilled') receipts.push(result.value)
        else failures.set(uniqueName(failures, targets[index]?.name ?? '?', index), result.reason)
      }
      if (failures.size > 0) throw new FanOutError(failures, receipts)
      return { notifier: name, receipts }
    },
  }
}

function uniqueName(taken: ReadonlyMap<string, unknown>, name: string, index: number): string {
  return taken.has(name) ? `${name}[${index}]` : name
}
