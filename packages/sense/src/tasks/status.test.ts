import { describe, expect, it } from 'vitest'
import { TaskExecutionStatus } from '../qrs/enums.js'
import { isFinal, toRunStatus } from './status.js'

describe('toRunStatus', () => {
  it('knows every status of QRS, and which of them are final', () => {
    const names = Object.entries(TaskExecutionStatus).map(([name, number]) => [name, toRunStatus(number), isFinal(toRunStatus(number))])
    expect(names).toEqual([
      ['NeverStarted', 'triggered', false],
      ['Triggered', 'triggered', false],
      ['Started', 'started', false],
      ['Queued', 'queued', false],
      ['AbortInitiated', 'aborting', false],
      ['Aborting', 'aborting', false],
      ['Aborted', 'aborted', true],
      ['FinishedSuccess', 'success', true],
      ['FinishedFail', 'failed', true],
      ['Skipped', 'skipped', true],
      ['Retry', 'retrying', false],
      ['Error', 'failed', true],
      ['Reset', 'skipped', true],
      ['DistributionQueue', 'distributing', false],
      ['DistributionRunning', 'distributing', false],
    ])
  })

  it('does not take an unknown status for an end', () => {
    expect(toRunStatus(15)).toBeUndefined()
    expect(isFinal(toRunStatus(15))).toBe(false)
  })
})
