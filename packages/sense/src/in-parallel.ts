import { SenseError } from './errors.js'

/**
 * Does something with each of many, so many at once, and gives what came of it in their order. After the first failure nothing more is
 * begun; what is under way is waited for.
 *
 * @throws {@link SenseError} `SENSE_OPTION` for a concurrency below 1; the first failure of `work`
 */
export async function inParallel<T, R>(items: readonly T[], concurrency: number, work: (item: T) => Promise<R>): Promise<R[]> {
  if (!(concurrency >= 1)) throw new SenseError('SENSE_OPTION', 'concurrency must be at least 1')
  const results: R[] = []
  const entries = items.entries()
  let failed = false
  const worker = async () => {
    for (const [index, item] of entries) {
      if (failed) return
      try {
        results[index] = await work(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const settled = await Promise.allSettled(Array.from({ length: Math.min(Math.floor(concurrency), items.length) }, worker))
  for (const each of settled) if (each.status === 'rejected') throw each.reason
  return results
}
