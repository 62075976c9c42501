import type { ExecutionResultRecord, Store } from '../store/records.js'
import type { ScriptLogs } from './script-log.js'

/** The execution results of the site, of each task the newest. */
export interface KeptResults {
  /** Adds a result; where a task has too many, the oldest goes, and its script log with it. */
  add(result: ExecutionResultRecord): void
  /** Counts again what the store keeps: it has been replaced. */
  reset(): void
}

/** How many results of one task are kept. */
const kept = 100

/** Makes {@link KeptResults}. */
export function createKeptResults(store: Pick<Store, 'executionResults' | 'changes'>, scriptLogs: ScriptLogs): KeptResults {
  const idsByTask = new Map<string, string[]>()
  const note = ({ id, taskID }: ExecutionResultRecord): string[] => {
    const ids = [...(idsByTask.get(taskID) ?? []), id]
    idsByTask.set(taskID, ids)
    return ids
  }
  return {
    add(result) {
      store.executionResults.set(result.id, result)
      store.changes.added('ExecutionResult', result)
      const ids = note(result)
      for (const old of ids.splice(0, Math.max(0, ids.length - kept))) {
        store.executionResults.delete(old)
        scriptLogs.remove(old)
      }
    },
    reset() {
      idsByTask.clear()
      for (const result of store.executionResults.values()) note(result)
    },
  }
}
