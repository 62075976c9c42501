import type { Clock, Logger } from '@butlerkit/core'
import { RequestError, SenseError, TaskError } from '../errors.js'
import { joinSignals } from '../signals.js'
import type { RunResult } from './result.js'
import type { RunSource, RunView } from './run-source.js'
import { fetchScriptLog } from './script-log.js'
import { shareWork } from './shared-work.js'
import { isFinal, type RunStatus } from './status.js'
import type { WakeUps } from './wake-ups.js'

/** One change in a run. */
export interface RunStep {
  readonly status: RunStatus
  /** When this client saw it: up to five seconds after it happened. */
  readonly seenAt: Date
  /** The node that reloads; `undefined` before there is one. */
  readonly node: string | undefined
}

/** What waiting for a run takes. */
export interface RunWaitOptions {
  /** Gives up waiting; the run itself goes on in Sense. */
  readonly signal?: AbortSignal | undefined
}

/** What waiting for the end takes. */
export interface RunFinishOptions extends RunWaitOptions {
  /** Longest wait, in milliseconds; then `TASK_TIMEOUT`. @defaultValue none */
  readonly timeoutMs?: number | undefined
  /** What becomes of the run at the end of `timeoutMs`: it goes on, or Sense is told to stop it. @defaultValue 'leave' */
  readonly onTimeout?: 'leave' | 'abort' | undefined
}

/** What reading a script log takes. */
export interface ScriptLogOptions extends RunWaitOptions {
  /** Only so many lines from the end, at least 1. @defaultValue all */
  readonly tail?: number
}

/**
 * One run of one task, known by its execution session, so never mistaken for another run of the same task. On Qlik Cloud, one reload of one
 * app.
 *
 * Sense is asked how it goes (after one second, then ever less often, every five at last) while somebody iterates or awaits, and not
 * otherwise. Any number may do so at once: they share the asking, and each gets every step from the first. While Sense cannot be reached or
 * answers with a passing failure, asking goes on, until the caller's signal says otherwise.
 */
export interface Run extends AsyncIterable<RunStep> {
  /** On Qlik Cloud, the app. */
  readonly task: { readonly id: string; readonly name: string }
  /** GUID of the execution session; on Qlik Cloud, the reload's id. */
  readonly executionId: string
  /** How it ended, once this client knows. */
  readonly result: RunResult | undefined
  /**
   * Waits for the end, whichever it is: a reload that failed is a result, not an error.
   *
   * @throws {@link TaskError} `TASK_RESULT_MISSING` when the run is over and Sense has no result of it ten seconds later; `TASK_TIMEOUT`, with
   *   `stopped` saying whether Sense took the order to stop the task
   * @throws {@link RequestError} for a failure that will not pass, such as `QRS_FORBIDDEN` or `CLOUD_FORBIDDEN`
   * @throws {@link SenseError} `SENSE_CLOSED` when the client is closed meanwhile
   */
  finished(options?: RunFinishOptions): Promise<RunResult>
  /**
   * Tells Sense to stop this run, and returns once it has taken the order: the engine may take its time, so await `finished`. Does nothing
   * for a run that is over, and stops no other run of the task.
   *
   * @throws {@link TaskError} `TASK_DENIED` for a run of a task that may not be started; {@link RequestError}
   */
  abort(options?: RunWaitOptions): Promise<void>
  /**
   * The lines of the last attempt's script log, once the run has finished; waits for that. `undefined` if there is none: another kind of
   * task, a reload that wrote none, or a log that Sense does not have six seconds after the end.
   *
   * @throws as {@link Run.finished}; {@link SenseError} `SENSE_OPTION` for a `tail` below 1
   */
  scriptLog(options?: ScriptLogOptions): Promise<readonly string[] | undefined>
}

/** What following one run needs. */
export interface FollowOptions extends Pick<Run, 'task' | 'executionId'> {
  readonly source: RunSource
  readonly clock: Clock
  readonly logger: Logger
  readonly closed: AbortSignal
  readonly wakeUps: WakeUps
  /** Whether this client may stop the task: the same as starting it. */
  readonly mayAbort: boolean
}

const firstDelayMs = 1_000
const longestDelayMs = 5_000
/** How often to ask again, a second apart: for a result that lags behind the end, and then for the last of its details. */
const resultLooks = 10
const detailLooks = 5

/** Follows a run that Sense has begun. */
export function followRun({ task, executionId, source, clock, logger, closed, wakeUps, mayAbort }: FollowOptions): Run {
  const steps: RunStep[] = []
  const work = shareWork(follow, closed)
  let result: RunResult | undefined

  return {
    task,
    executionId,
    get result() {
      return result
    },
    finished,
    abort,
    async scriptLog({ tail, signal } = {}) {
      if (tail !== undefined && !(tail >= 1)) throw new SenseError('SENSE_OPTION', 'tail must be at least 1')
      const ended = await finished({ signal })
      const read = source.scriptLog(ended)
      const lines = read && (await fetchScriptLog({ read, clock, closed, signal }))
      if (read !== undefined && lines === undefined) logger.warn('script log not found', { taskId: task.id, executionId })
      return tail === undefined ? lines : lines?.slice(-tail)
    },
    async *[Symbol.asyncIterator]() {
      const leave = work.enter()
      try {
        for (let index = 0; ;) {
          const step = steps[index]
          if (step === undefined) {
            await work.changed()
            continue
          }
          yield step
          if (isFinal(step.status)) return
          index++
        }
      } finally {
        leave()
      }
    },
  }

  async function finished({ signal, timeoutMs, onTimeout = 'leave' }: RunFinishOptions = {}): Promise<RunResult> {
    if (timeoutMs === undefined) return end(signal)
    const expired = Symbol('timeout')
    const life = joinSignals(signal)
    const cancel = clock.schedule(() => life.abort(expired), timeoutMs)
    try {
      return await end(life.signal)
    } catch (error) {
      if (error !== expired) throw error
      throw await timedOut(timeoutMs, onTimeout === 'abort', signal)
    } finally {
      cancel()
      life.release()
    }
  }

  async function end(signal: AbortSignal | undefined): Promise<RunResult> {
    signal?.throwIfAborted()
    const leave = work.enter()
    try {
      for (;;) {
        if (result !== undefined) return result
        await work.changed(signal)
      }
    } finally {
      leave()
    }
  }

  async function timedOut(timeoutMs: number, stop: boolean, signal: AbortSignal | undefined): Promise<TaskError> {
    const message = `run ${executionId} of task ${task.id} has not ended in ${timeoutMs} ms`
    const facts = { taskIds: [task.id] }
    if (!stop) return new TaskError('TASK_TIMEOUT', `${message}; it goes on`, { ...facts, stopped: false })
    try {
      await abort({ signal })
      return new TaskError('TASK_TIMEOUT', `${message}; Sense was told to stop it`, { ...facts, stopped: true })
    } catch (cause) {
      return new TaskError('TASK_TIMEOUT', `${message}, and could not be stopped`, { ...facts, stopped: false, cause })
    }
  }

  async function abort({ signal }: RunWaitOptions = {}): Promise<void> {
    if (result !== undefined) return
    if (!mayAbort) {
      throw new TaskError('TASK_DENIED', `task ${task.id} is not on the list of tasks that may be started, nor stopped`, {
        taskIds: [task.id],
      })
    }
    if (!(await source.stop(signal))) return
    logger.info('task told to stop', { taskId: task.id, taskName: task.name, executionId })
    wakeUps.wake()
  }

  async function follow(signal: AbortSignal): Promise<void> {
    let delayMs = firstDelayMs
    let looksForResult = 0
    let looksForDetails = 0
    for (;;) {
      const wakes = wakeUps.count
      const { view, retryAfterMs = 0 } = await look(signal)
      if (view?.isOver === false) {
        looksForResult = 0
        // While the run goes on, a failed attempt is not the end: a retry may follow.
        if (!isFinal(view.status)) note(view.status, view.node)
      } else if (view?.isOver === true) {
        if (view.result !== undefined) {
          note(view.result.status, view.result.node)
          if (view.isSettled || looksForDetails++ >= detailLooks) {
            result = view.result
            return work.announce()
          }
        } else if (looksForResult++ >= resultLooks) {
          throw new TaskError('TASK_RESULT_MISSING', `run ${executionId} of task ${task.id} is over, but Sense has no result of it`, {
            taskIds: [task.id],
          })
        }
        delayMs = firstDelayMs
      }
      await wakeUps.pause(clock, Math.max(delayMs, retryAfterMs), wakes, signal)
      delayMs = Math.min(delayMs * 1.5, longestDelayMs)
    }
  }

  /** What is there to see; no view for a failure that may pass. */
  async function look(signal: AbortSignal): Promise<{ readonly view?: RunView; readonly retryAfterMs?: number | undefined }> {
    try {
      return { view: await source.look(signal) }
    } catch (error) {
      if (!(error instanceof RequestError) || !error.transient) throw error
      const { code, status, retryAfterMs } = error
      logger.warn('cannot see how a task goes, asking again', { taskId: task.id, executionId, code, status })
      return { retryAfterMs }
    }
  }

  function note(status: RunStatus | undefined, node: string | undefined): void {
    if (status === undefined || status === steps.at(-1)?.status) return
    steps.push({ status, seenAt: new Date(clock.now()), node })
    work.announce()
  }
}
