import { sleep, type Clock } from '@butlerkit/core'
import { z } from 'zod'
import { TaskError } from '../errors.js'
import type { QrsClient } from '../qrs/client.js'
import type { Executions } from '../qrs/executions.js'
import { q } from '../qrs/filter.js'
import { guidPath } from '../qrs/guid.js'
import { joinSignals } from '../signals.js'
import { taskWire, toTask, type Task } from './task.js'

/** What reloading an app needs. */
export interface ReloadAppOptions {
  readonly client: QrsClient
  readonly executions: Executions
  readonly clock: Clock
  readonly closed: AbortSignal
  readonly appId: string
  readonly signal: AbortSignal | undefined
}

const looks = 20
const lookDelayMs = 500

/**
 * Asks for an app's reload and finds the run that came of it. QRS answers nothing, so the run is the one that was not there before: among
 * the sessions of the app's manual task, or among its results where it has ended already.
 */
export async function reloadApp(options: ReloadAppOptions): Promise<{ readonly task: Task; readonly executionId: string }> {
  const { client, executions, clock, closed, appId, signal } = options
  const path = `/qrs/app/${guidPath(appId)}/reload`
  const life = joinSignals(signal, closed)
  try {
    const known = new Set<string>()
    const before = await manualTask()
    if (before !== undefined) for (const run of await runsOf(before)) known.add(run)
    await client.text({ method: 'POST', path, signal: life.signal })
    for (let look = 0; look < looks; look++) {
      const task = await manualTask()
      const executionId = task && (await runsOf(task)).find((run) => !known.has(run))
      if (task !== undefined && executionId !== undefined) return { task, executionId }
      await sleep(clock, lookDelayMs, life.signal)
    }
    throw new TaskError('TASK_NOT_STARTED', `no run came of reloading app ${appId}`, before && { taskIds: [before.id] })
  } finally {
    life.release()
  }

  async function manualTask(): Promise<Task | undefined> {
    const filter = q`app.id eq ${q.guid(appId)} and isManuallyTriggered eq ${true}`
    const [task] = await client.json({ path: '/qrs/reloadtask/full', filter, signal: life.signal }, z.array(taskWire))
    return task && toTask(task)
  }

  async function runsOf(task: Task): Promise<string[]> {
    const [now, ended] = await Promise.all([executions.sessionsOf(task.id, life.signal), executions.runsOf(task.id, life.signal)])
    return [...now, ...ended]
  }
}
