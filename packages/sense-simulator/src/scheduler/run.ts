import type { Clock } from '@butlerkit/core'
import { enums, type StatusName } from '../qrs/enums.js'
import { appOfTask, targetOf, type ExecutionSessionRecord, type Store, type TaskRecord } from '../store/records.js'
import { toWireDate } from '../store/wire-values.js'
import { createResult, schedulerUser, type Ending, type ResultWriter } from './execution-result.js'
import type { KeptResults } from './kept-results.js'
import { durationOf, isRunEvent, type RunEvent, type RunStep } from './run-script.js'
import { writeScriptLog, type ScriptLog, type ScriptLogs } from './script-log.js'

/** Why a run is stopped. */
export type AbortReason = keyof (typeof enums)['ExecutionSession.abortReason']

/** Something the scheduler writes to its log, for which log appenders are commonly set up. */
export interface TaskEvent {
  readonly kind: 'failed' | 'aborted' | 'success'
  readonly task: TaskRecord
  readonly executionId: string
  readonly message: string
}

/** What a run works with. */
export interface RunOptions {
  readonly store: Store
  readonly clock: Clock
  readonly guid: () => string
  readonly nodeId: string
  readonly nodeName: string
  readonly results: KeptResults
  readonly scriptLogs: ScriptLogs
  /** Milliseconds from the end until the result is complete. */
  readonly resultLagMs: number
  /** Milliseconds from the end until the script log can be had. */
  readonly scriptLogLagMs: number
  /** Does something that is due even when the run is over. */
  later(delayMs: number, callback: () => void): void
  /** Told as the scheduler's log would be. */
  onEvent(event: TaskEvent): void
  /** Told when the run is over. */
  onEnd(task: TaskRecord, ending: Ending): void
}

/** What one run does. */
export interface RunPlan {
  readonly steps: readonly RunStep[]
  /** Lines of the script log. @defaultValue a short log */
  readonly scriptLog: readonly string[] | undefined
}

/** A run while it lasts. */
export interface Run {
  /** Id of its execution session. */
  readonly id: string
  /** Whether another run has to end first. */
  isWaiting(): boolean
  isAborting(): boolean
  /** Goes the way of its plan. */
  play(): void
  /** Lets another run go first; `play` ends that. */
  wait(): void
  /** Stops it over some seconds, as the engine does. Does nothing when it is stopping already. */
  abort(reason: AbortReason): void
  /** Ends it at once: its task is gone. */
  drop(): void
  /** Ends its timers. It stays as it is. */
  freeze(): void
}

const minuteMs = 60_000
/** How long an abort stays in each of its states. A real one takes seconds, and longer where the engine is busy. */
const abortMs = { initiated: 500, aborting: 1_000 } as const
const abortReasons = enums['ExecutionSession.abortReason']

/** Begins a run: adds its execution session and its first result. It stays at "Triggered" until it is played. */
export function createRun(task: TaskRecord, plan: RunPlan, options: RunOptions): Run {
  const { store, clock, guid, nodeId, nodeName, results, scriptLogs, resultLagMs, scriptLogLagMs, later } = options
  const now = () => clock.now()
  const id = guid()
  const timeoutMs = task.taskSessionTimeout * minuteMs
  let waiting = false
  let aborting = false
  let cancelStep = () => {}

  let result = addResult(now(), 'NeverStarted')
  result.changeState('Triggered')
  result.addDetail(`Trying to start task. Sending task to slave-node ${nodeName}`)
  const session = addSession()
  const cancelTimeout = clock.schedule(() => abort('Timeout'), timeoutMs)

  return {
    id,
    isWaiting: () => waiting,
    isAborting: () => aborting,
    play() {
      waiting = false
      playFrom(0)
    },
    wait() {
      waiting = true
      enter('Queued')
    },
    abort,
    drop() {
      session.abortReason = abortReasons.DeletedTask
      end('Aborted')
    },
    freeze,
  }

  function addSession(): ExecutionSessionRecord {
    const created = toWireDate(now())
    const added: ExecutionSessionRecord = {
      id,
      createdDate: created,
      modifiedDate: created,
      modifiedByUserName: schedulerUser,
      schemaPath: 'ExecutionSession',
      privileges: null,
      executingNode: { id: nodeId, privileges: null },
      executionResult: result.record,
      abortAt: toWireDate(now() + timeoutMs),
      retries: 0,
      abortReason: abortReasons.Undefined,
      app: appOfTask(task) ?? null,
      user: '',
      ...targetOf(task),
    }
    store.executionSessions.set(id, added)
    store.changes.added('ExecutionSession', added)
    return added
  }

  function addResult(startTimeMs: number, status: StatusName): ResultWriter {
    const updated = (record: ResultWriter['record'], properties: readonly string[]) => {
      if (store.executionResults.has(record.id)) store.changes.updated('ExecutionResult', record, properties)
    }
    const added = createResult({ task, executionId: id, nodeId, nodeName, startTimeMs, status }, { guid, now, updated })
    results.add(added.record)
    task.operational.lastExecutionResult = added.record
    return added
  }

  function playFrom(first: number): void {
    for (const [offset, step] of plan.steps.slice(first).entries()) {
      if (!isRunEvent(step)) {
        cancelStep = clock.schedule(() => playFrom(first + offset + 1), durationOf(step) ?? 0)
        return
      }
      apply(step)
    }
  }

  function apply(event: RunEvent): void {
    switch (event) {
      case 'queued':
        return enter('Queued')
      case 'started':
        return enter('Started')
      case 'retry':
        return retry()
      case 'success':
        return end('FinishedSuccess')
      case 'failed':
        if (session.retries >= task.maxRetries) return end('FinishedFail')
        retry()
        // What is tried again is the last attempt, which is all that comes after the last scripted retry.
        return playFrom(plan.steps.lastIndexOf('retry') + 1)
      case 'error':
        return end('Error')
      case 'skipped':
        return end('Skipped')
      case 'aborted':
        return abort('Manual')
    }
  }

  function enter(status: StatusName): void {
    result.changeState(status)
    session.modifiedDate = result.record.modifiedDate
  }

  // The attempt is over and its row stays; the next attempt has a row of its own and the same execution id.
  function retry(): void {
    result.stop('FinishedFail', now(), writeLog(true))
    result.complete(false)
    session.retries += 1
    result = addResult(Math.max(now(), result.startTimeMs + 1), 'FinishedFail')
    session.executionResult = result.record
    enter('Retry')
  }

  function abort(reason: AbortReason): void {
    if (aborting) return
    aborting = true
    freeze()
    session.abortReason = abortReasons[reason]
    enter('AbortInitiated')
    cancelStep = clock.schedule(() => {
      enter('Aborting')
      tell('aborted', 'Execution State Change to Aborting')
      cancelStep = clock.schedule(() => end('Aborted'), abortMs.aborting)
    }, abortMs.initiated)
  }

  function end(ending: Ending): void {
    const endedAtMs = now()
    freeze()
    store.executionSessions.delete(id)
    store.changes.deleted('ExecutionSession', session)
    const app = appOfTask(task)
    if (ending === 'FinishedSuccess' && app) {
      Object.assign(app, { lastReloadTime: toWireDate(endedAtMs), modifiedDate: toWireDate(endedAtMs) })
      store.changes.updated('App', app, ['lastReloadTime', 'modifiedDate'])
    }
    if (ending === 'FinishedSuccess' && 'userDirectory' in task) {
      const { startTime: syncLastStarted } = result.record
      Object.assign(task.userDirectory, { syncLastStarted, syncLastSuccessfulEnded: toWireDate(endedAtMs) })
    }

    const log = ending === 'Skipped' || ending === 'Error' ? undefined : writeLog(ending === 'FinishedFail')
    const last = result
    later(resultLagMs / 2, () => last.stop(ending, endedAtMs, log))
    later(resultLagMs, () => last.complete(true))

    if (ending === 'FinishedSuccess') tell('success', 'Execution State Change to FinishedSuccess')
    if (ending === 'FinishedFail') tell('failed', 'Max retries reached')
    if (ending === 'Error') tell('failed', 'Failed to start session')
    options.onEnd(task, ending)
  }

  // Only what reloads an app has a script.
  function writeLog(failed: boolean): ScriptLog | undefined {
    const app = appOfTask(task)
    if (app === undefined) return undefined
    const log = writeScriptLog(
      { record: result.record, app, failed, lines: plan.scriptLog },
      { guid, availableAtMs: now() + scriptLogLagMs },
    )
    scriptLogs.add(log)
    return log
  }

  function tell(kind: TaskEvent['kind'], message: string): void {
    options.onEvent({ kind, task, executionId: id, message })
  }

  function freeze(): void {
    cancelStep()
    cancelTimeout()
  }
}
