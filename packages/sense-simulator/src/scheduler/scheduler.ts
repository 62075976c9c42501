import type { Clock } from '@butlerkit/core'
import { zeroGuid } from '../guid.js'
import { enums, type StatusName } from '../qrs/enums.js'
import { targetOf } from '../store/create-store.js'
import { appOfTask, type ExecutionSessionRecord, type Store, type TaskRecord } from '../store/records.js'
import { toWireDate } from '../store/wire-values.js'
import { createResult, schedulerUser, type Ending, type ResultWriter } from './execution-result.js'
import { createKeptResults } from './kept-results.js'
import { defaultRun, durationOf, isRunEvent, type RunEvent, type RunStep } from './run-script.js'
import { createScriptLogs, writeScriptLog, type ScriptLog, type ScriptLogs } from './script-log.js'

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

/** Something the scheduler writes to its log, for which log appenders are commonly set up. */
export interface TaskEvent {
  readonly kind: 'failed' | 'aborted' | 'success'
  readonly task: TaskRecord
  readonly executionId: string
  readonly message: string
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

interface Run {
  readonly task: TaskRecord
  readonly session: ExecutionSessionRecord
  readonly steps: readonly RunStep[]
  /** Waits for another run to end. */
  waiting: boolean
  result: ResultWriter
  aborting: boolean
  cancelStep: () => void
  cancelTimeout: () => void
}

const nothing = () => {}
const minuteMs = 60_000
/** How long an abort stays in each of its states. A real one takes seconds, and longer where the engine is busy. */
const abortMs = { initiated: 500, aborting: 1_000 } as const

/** Makes a {@link Scheduler}. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { store, clock, guid, nodeId, nodeName, scripts } = options
  const { maxConcurrentReloads = Infinity } = options
  const endedListeners: ((task: TaskRecord, ending: Ending) => void)[] = []
  const { resultMs = 0, scriptLogMs = 0 } = options.lag
  const now = () => clock.now()
  const scriptLogs = createScriptLogs(now)
  const running = new Map<string, Run>()
  const starts = new Map<string, number>()
  const results = createKeptResults(store, scriptLogs)
  const settling = new Set<() => void>()

  return {
    scriptLogs,
    start(task) {
      if (!task.enabled || running.has(task.id)) return zeroGuid
      const run = begin(task)
      running.set(task.id, run)
      store.executionSessions.set(run.session.id, run.session)
      store.changes.added('ExecutionSession', run.session)
      run.cancelTimeout = clock.schedule(() => abort(run, 'Timeout'), task.taskSessionTimeout * minuteMs)
      if (active() > maxConcurrentReloads) {
        run.waiting = true
        enter(run, 'Queued')
      } else play(run, 0)
      return run.session.id
    },
    onEnded: (listener) => void endedListeners.push(listener),
    setScript: (taskId, script) => void scripts.set(taskId, script),
    forget(task) {
      const run = running.get(task.id)
      if (run === undefined) return
      run.session.abortReason = enums['ExecutionSession.abortReason'].DeletedTask
      end(run, 'Aborted')
    },
    stop(task) {
      const run = running.get(task.id)
      if (run) abort(run, 'Manual')
    },
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
    for (const run of running.values()) cancelTimers(run)
    for (const cancel of settling) cancel()
  }

  function active(): number {
    return [...running.values()].filter(({ waiting }) => !waiting).length
  }

  function playNext(): void {
    const next = [...running.values()].find(({ waiting, aborting }) => waiting && !aborting)
    if (next === undefined || active() >= maxConcurrentReloads) return
    next.waiting = false
    play(next, 0)
  }

  function begin(task: TaskRecord): Run {
    const id = guid()
    const created = toWireDate(now())
    const result = addResult(task, id, now(), 'NeverStarted')
    result.changeState('Triggered')
    result.addDetail(`Trying to start task. Sending task to slave-node ${nodeName}`)
    const session: ExecutionSessionRecord = {
      id,
      createdDate: created,
      modifiedDate: created,
      modifiedByUserName: schedulerUser,
      schemaPath: 'ExecutionSession',
      privileges: null,
      executingNode: { id: nodeId, privileges: null },
      executionResult: result.record,
      abortAt: toWireDate(now() + task.taskSessionTimeout * minuteMs),
      retries: 0,
      abortReason: enums['ExecutionSession.abortReason'].Undefined,
      app: appOfTask(task) ?? null,
      user: '',
      userSyncTask: null,
      ...targetOf(task),
    }
    return {
      task,
      session,
      steps: nextScript(task.id),
      waiting: false,
      result,
      aborting: false,
      cancelStep: nothing,
      cancelTimeout: nothing,
    }
  }

  function nextScript(taskId: string): readonly RunStep[] {
    const runs = scripts.get(taskId)?.runs ?? []
    const start = starts.get(taskId) ?? 0
    starts.set(taskId, start + 1)
    return runs[Math.min(start, runs.length - 1)] ?? defaultRun
  }

  function addResult(task: TaskRecord, executionId: string, startTimeMs: number, status: StatusName): ResultWriter {
    const result = createResult({ task, executionId, nodeId, nodeName, startTimeMs, status }, { guid, now, updated: resultUpdated })
    results.add(result.record)
    task.operational.lastExecutionResult = result.record
    return result
  }

  function resultUpdated(record: ResultWriter['record'], properties: readonly string[]): void {
    if (store.executionResults.has(record.id)) store.changes.updated('ExecutionResult', record, properties)
  }

  function play(run: Run, from: number): void {
    for (const [offset, step] of run.steps.slice(from).entries()) {
      if (!isRunEvent(step)) {
        run.cancelStep = clock.schedule(() => play(run, from + offset + 1), durationOf(step) ?? 0)
        return
      }
      apply(run, step)
    }
  }

  function apply(run: Run, event: RunEvent): void {
    switch (event) {
      case 'queued':
        return enter(run, 'Queued')
      case 'started':
        return enter(run, 'Started')
      case 'retry':
        return retry(run)
      case 'success':
        return end(run, 'FinishedSuccess')
      case 'failed':
        return end(run, 'FinishedFail')
      case 'error':
        return end(run, 'Error')
      case 'skipped':
        return end(run, 'Skipped')
      case 'aborted':
        return abort(run, 'Manual')
    }
  }

  function enter(run: Run, status: StatusName): void {
    run.result.changeState(status)
    run.session.modifiedDate = run.result.record.modifiedDate
  }

  // The attempt is over and its row stays; the next attempt has a row of its own and the same execution id.
  function retry(run: Run): void {
    const { task, session, result: failed } = run
    failed.stop('FinishedFail', now(), writeLog(run, true))
    failed.complete(false)
    session.retries += 1
    run.result = addResult(task, session.id, Math.max(now(), failed.startTimeMs + 1), 'FinishedFail')
    session.executionResult = run.result.record
    enter(run, 'Retry')
  }

  function abort(run: Run, reason: keyof (typeof enums)['ExecutionSession.abortReason']): void {
    if (run.aborting) return
    run.aborting = true
    cancelTimers(run)
    run.session.abortReason = enums['ExecutionSession.abortReason'][reason]
    enter(run, 'AbortInitiated')
    run.cancelStep = clock.schedule(() => {
      enter(run, 'Aborting')
      tell(run, 'aborted', 'Execution State Change to Aborting')
      run.cancelStep = clock.schedule(() => end(run, 'Aborted'), abortMs.aborting)
    }, abortMs.initiated)
  }

  function end(run: Run, ending: Ending): void {
    const { task, session, result } = run
    const endedAtMs = now()
    cancelTimers(run)
    running.delete(task.id)
    store.executionSessions.delete(session.id)
    store.changes.deleted('ExecutionSession', session)
    const app = appOfTask(task)
    if (ending === 'FinishedSuccess' && app) {
      Object.assign(app, { lastReloadTime: toWireDate(endedAtMs), modifiedDate: toWireDate(endedAtMs) })
      store.changes.updated('App', app, ['lastReloadTime', 'modifiedDate'])
    }

    const log = ending === 'Skipped' || ending === 'Error' ? undefined : writeLog(run, ending === 'FinishedFail')
    later(resultMs / 2, () => result.stop(ending, endedAtMs, log))
    later(resultMs, () => result.complete(true))

    if (ending === 'FinishedSuccess') tell(run, 'success', 'Execution State Change to FinishedSuccess')
    if (ending === 'FinishedFail') tell(run, 'failed', 'Max retries reached')
    if (ending === 'Error') tell(run, 'failed', 'Failed to start session')
    playNext()
    for (const listener of endedListeners) listener(task, ending)
  }

  // What runs a program has no script.
  function writeLog({ task, result: { record } }: Run, failed: boolean): ScriptLog | undefined {
    const app = appOfTask(task)
    if (app === undefined) return undefined
    const source = { record, app, failed, lines: scripts.get(task.id)?.scriptLog }
    const log = writeScriptLog(source, { guid, availableAtMs: now() + scriptLogMs })
    scriptLogs.add(log)
    return log
  }

  function tell(run: Run, kind: TaskEvent['kind'], message: string): void {
    options.onEvent({ kind, task: run.task, executionId: run.session.id, message })
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

function cancelTimers(run: Run): void {
  run.cancelStep()
  run.cancelTimeout()
}
