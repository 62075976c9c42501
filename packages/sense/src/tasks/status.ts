import { TaskExecutionStatus as Qrs } from '../qrs/enums.js'

/** How a run ends. */
export type FinalStatus = 'success' | 'failed' | 'aborted' | 'skipped'

/** How far a run has come. */
export type RunStatus = 'triggered' | 'queued' | 'started' | 'retrying' | 'distributing' | 'aborting' | FinalStatus

/**
 * QRS's numbers in our words. `Error` is a failure and `Reset` a run that did not happen; there is no order in the numbers to compare by.
 *
 * @see QRS 38.22.0, `GET /qrs/about/api/enums`, TaskExecutionStatus
 */
const names: Readonly<Record<number, RunStatus>> = {
  [Qrs.NeverStarted]: 'triggered',
  [Qrs.Triggered]: 'triggered',
  [Qrs.Started]: 'started',
  [Qrs.Queued]: 'queued',
  [Qrs.AbortInitiated]: 'aborting',
  [Qrs.Aborting]: 'aborting',
  [Qrs.Aborted]: 'aborted',
  [Qrs.FinishedSuccess]: 'success',
  [Qrs.FinishedFail]: 'failed',
  [Qrs.Skipped]: 'skipped',
  [Qrs.Retry]: 'retrying',
  [Qrs.Error]: 'failed',
  [Qrs.Reset]: 'skipped',
  [Qrs.DistributionQueue]: 'distributing',
  [Qrs.DistributionRunning]: 'distributing',
}

/** Our word for QRS's number; `undefined` for a number that a newer Sense has added. */
export function toRunStatus(status: number): RunStatus | undefined {
  return names[status]
}

/** Whether nothing comes after this status. */
export function isFinal(status: RunStatus | undefined): status is FinalStatus {
  return status === 'success' || status === 'failed' || status === 'aborted' || status === 'skipped'
}
