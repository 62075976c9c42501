import type { RunStatus } from '../tasks/status.js'

/** Qlik Cloud's words for how far a reload has come. */
export type CloudReloadStatus = 'QUEUED' | 'RELOADING' | 'CANCELING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'EXCEEDED_LIMIT'

/**
 * Qlik Cloud's words in ours. A reload that met a limit has not brought the data, so it is a failure.
 *
 * @see qlik.dev, Reloads API, schema Status
 */
const names: ReadonlyMap<string, RunStatus> = new Map<CloudReloadStatus, RunStatus>([
  ['QUEUED', 'queued'],
  ['RELOADING', 'started'],
  ['CANCELING', 'aborting'],
  ['SUCCEEDED', 'success'],
  ['FAILED', 'failed'],
  ['CANCELED', 'aborted'],
  ['EXCEEDED_LIMIT', 'failed'],
])

/** Our word for Qlik Cloud's; `undefined` for one that is new. */
export function toCloudRunStatus(status: string): RunStatus | undefined {
  return names.get(status)
}
