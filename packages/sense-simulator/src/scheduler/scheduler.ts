import type { Clock } from '@butlerkit/core'
import { zeroGuid } from '../guid.js'
import type { Store, TaskRecord } from '../store/records.js'
import type { Ending } from './execution-result.js'
import { createKeptResults } from './kept-results.js'
import { createRun, type Run, type RunOptions, type RunPlan, type TaskEvent } from './run.js'
import { defaultRun, type RunStep } from './run-script.js'
import { createScriptLogs, type ScriptLogs } from './script-log.js'

/** How far the repository is behind the scheduler. */
export interface Lag {
  /**
   * Milliseconds from the end of a run until its result is complete: up to half of it the result looks as if the run went on, then its
   * status is final, and at the end there are its duration and its last details too.
   *
   * @defaultValue 0
   */
  readonly resultMs?: number
  /** Milliseconds from the end of a run until its script log can be had. @defaultValue 0 */
  readonly scriptLogMs?: number
}

/** What a task's runs do. */
export interface TaskScript {
  /** @defaultValue [['started', '2s', 'success']] */
  readonly runs?: readonly (readonly RunStep[])[]
  /** Lines. @defaultValue a short log */
  readonly scriptLog?: readonly string[]
}

/** What a scheduler works with. */
export interface SchedulerOptions {
  readonly store: Store
  readonly clock: Clock
  readonly guid: () => string
  readonly nodeId: string
  readonly nodeName: string
  /** By task id. */
  readonly scripts: Map<string, TaskScript>
  readonly lag: Lag
  /** How many runs go on at once; the others are queued. @defaultValue no limit */
  readonly maxConcurrentReloads?: number | undefined
  /** Told as the scheduler's log would be. */
  onEvent(event: TaskEvent): void
}

/** Runs tasks as the scripts say, on the clock. */
export interface Scheduler {
  readonly scriptLogs: ScriptLogs
  /** Begins a run. Returns the execution session's id, or the empty GUID when the task is disabled or runs already. */
  start(task: TaskRecord): string
  /** Calls back whenever a run has ended. */
  onEnded(listener: (task: TaskRecord, ending: Ending) => void): void
  /** Sets what a task's next runs do. */
  setScript(taskId: string, script: TaskScript): void
  /** Ends what a deleted task is doing, at once. */
  forget(task: TaskRecord): void
  /** Stops the run of a task, over some seconds, as the engine does. Does nothing when there is none, or it is stopping already. */
  stop(task: TaskRecord): void
  /** Ends all timers. Runs stay as they are. */
  close(): void
  /** Forgets all runs and scripts' places, as if nothing had ever run: what the store keeps has been replaced. */
  reset(): void
}

/** Makes a {@link Scheduler}. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { store, clock, guid, nodeId, nodeName, scripts, lag, maxConcurrentReloads = Infinity, onEvent } = options
  const endedListeners: ((task: TaskRecord, ending: Ending) => void)[] = []
  const scriptLogs = createScriptLogs(() => clock.now())
  const running = new Map<string, Run>()
  const starts = new Map<string, number>()
  const results = createKeptResults(store, scriptLogs)
  const settling = new Set<() => void>()
  const runOptions: RunOptions = {
    store,
    clock,
    guid,
    nodeId,
    nodeName,
    results,
    scriptLogs,
    later,
    onEvent,
    resultLagMs: lag.resultMs ?? 0,
    scriptLogLagMs: lag.scriptLogMs ?? 0,
    onEnd(task, ending) {
      running.delete(task.id)
      playNext()
      for (const listener of endedListeners) listener(task, ending)
    },
  }

  return {
    scriptLogs,
    start(task) {
      if (!task.enabled || running.has(task.id)) return zeroGuid
      const run = createRun(task, nextPlan(task.id), runOptions)
      running.set(task.id, run)
      if (active() > maxConcurrentReloads) run.wait()
      else run.play()
      return run.id
    },
    onEnded: (listener) => void endedListeners.push(listener),
    setScript: (taskId, script) => void scripts.set(taskId, script),
    forget: (task) => running.get(task.id)?.drop(),
    stop: (task) => running.get(task.id)?.abort('Manual'),
    close,
    reset() {
      close()
      running.clear()
      settling.clear()
      starts.clear()
      results.reset()
    },
  }

  function close(): void {
    for (const run of running.values()) run.freeze()
    for (const cancel of settling) cancel()
  }

  function nextPlan(taskId: string): RunPlan {
    const { runs = [], scriptLog } = scripts.get(taskId) ?? {}
    const start = starts.get(taskId) ?? 0
    starts.set(taskId, start + 1)
    return { steps: runs[Math.min(start, runs.length - 1)] ?? defaultRun, scriptLog }
  }

  function active(): number {
    return [...running.values()].filter((run) => !run.isWaiting()).length
  }

  function playNext(): void {
    const next = [...running.values()].find((run) => run.isWaiting() && !run.isAborting())
    if (next !== undefined && active() < maxConcurrentReloads) next.play()
  }

  function later(delayMs: number, callback: () => void): void {
    if (delayMs === 0) return callback()
    const cancel = clock.schedule(() => {
      settling.delete(cancel)
      callback()
    }, delayMs)
    settling.add(cancel)
  }
}
