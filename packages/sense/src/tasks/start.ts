import type { Clock, Logger } from '@butlerkit/core'
import { QrsError, TaskError } from '../errors.js'
import type { QrsClient } from '../qrs/client.js'
import { createExecutions } from '../qrs/executions.js'
import { boxedReference } from '../qrs/fields.js'
import { isGuid } from '../qrs/guid.js'
import { joinSignals } from '../signals.js'
import { reloadApp } from './app-reload.js'
import { createExecutionSource } from './execution-source.js'
import { inParallel } from '../in-parallel.js'
import type { TaskPolicy } from './policy.js'
import type { RunResult } from './result.js'
import { followRun, type Run } from './run.js'
import { findTask, findTasks, type Task, type TaskGroup, type TaskTarget } from './task.js'
import type { WakeUps } from './wake-ups.js'

/** How to start a task. */
export interface StartOptions {
  /** Gives up starting; a task that QRS has already been asked to start goes on. Does not concern the run that is returned. */
  readonly signal?: AbortSignal | undefined
  /**
   * When the task is running already: `reject` with `TASK_NOT_STARTED`, `join` the run there is, or `queue`: wait for its end, then start.
   *
   * @defaultValue 'reject'
   */
  readonly ifRunning?: 'reject' | 'join' | 'queue' | undefined
}

/** How to start several tasks. */
export interface StartManyOptions extends StartOptions {
  /** Most at once: starts of `startMany`, whole runs of `runMany`. At least 1. @defaultValue 4 */
  readonly concurrency?: number | undefined
}

/** What became of one of several tasks that were to be started: `run`, or `error`. */
export type StartedTask =
  | { readonly task: Run['task']; readonly run: Run; readonly error?: undefined }
  | { readonly task: Run['task']; readonly run?: undefined; readonly error: unknown }

/** What became of one of several tasks that were to be run to their end: `result`, or `error`. */
export type FinishedTask =
  | { readonly task: Run['task']; readonly result: RunResult; readonly error?: undefined }
  | { readonly task: Run['task']; readonly result?: undefined; readonly error: unknown }

/** Which run to follow. */
export interface FollowTaskOptions {
  readonly signal?: AbortSignal | undefined
  /** GUID of the execution session, as a run had it: to take up a run after a restart. @defaultValue the run the task has now */
  readonly executionId?: string | undefined
}

/** Starting tasks. */
export interface Tasks {
  /**
   * Starts one task and returns the run that came of it; the reload itself goes on in the engine. The request to start is sent at most
   * once: it is only repeated where no connection came about.
   *
   * @param target - GUID of the task, or its name
   * @throws {@link TaskError} `TASK_ID_INVALID`, `TASK_NOT_FOUND`, `TASK_AMBIGUOUS`; `TASK_DENIED` when it is not on the allow-list;
   *   `TASK_NOT_STARTED` when QRS answers with the empty GUID: disabled, already running, no scheduler, or app not available
   * @throws {@link QrsError} when QRS does not do its part; where `sent` is true on the start itself, the task may be running
   * @see Qlik Sense Repository Service API, Task: Start, `POST /qrs/task/{id}/start/synchronous`
   */
  start(target: TaskTarget, options?: StartOptions): Promise<Run>
  /**
   * Starts several tasks, each once however often it is meant. Nothing is started unless all may be. One that cannot be started stops none of
   * the others.
   *
   * @param targets - ids, names, tags, values of custom properties; a group may turn out empty
   * @throws {@link TaskError} as {@link Tasks.start} for what is found out before the first start
   */
  startMany(targets: readonly (TaskTarget | TaskGroup)[], options?: StartManyOptions): Promise<StartedTask[]>
  /** Starts several tasks and waits for the end of each; otherwise as {@link Tasks.startMany}. A reload that failed is a result. */
  runMany(targets: readonly (TaskTarget | TaskGroup)[], options?: StartManyOptions): Promise<FinishedTask[]>
  /**
   * Runs tasks one after another, each once the one before it has succeeded. Nothing is started unless all may be.
   *
   * @returns the results so far: fewer than `targets` where one did not succeed, which is then the last
   * @throws as {@link Tasks.start} and {@link Run.finished}
   */
  runChain(targets: readonly TaskTarget[], options?: StartOptions): Promise<RunResult[]>
  /**
   * Follows a run that somebody else has started, or this program before it was started anew. Nothing is started, so the allow-list is not
   * asked.
   *
   * @returns `undefined` where the task does not run now
   * @throws {@link TaskError} `TASK_ID_INVALID`, `TASK_NOT_FOUND`, `TASK_AMBIGUOUS`; {@link QrsError}
   */
  follow(target: TaskTarget, options?: FollowTaskOptions): Promise<Run | undefined>
  /**
   * Reloads an app as the QMC's and the hub's "reload now" does: by a task that Sense makes for it, or has made before. As that task may be
   * new, this needs `allowTasks: 'all'`.
   *
   * @throws {@link TaskError} `TASK_DENIED`; `TASK_NOT_STARTED` where no run came of it in ten seconds; {@link QrsError}
   * @see Qlik Sense Repository Service API, `POST /qrs/app/{id}/reload`
   */
  reloadApp(appId: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<Run>
}

/** What starting and following need. */
export interface TasksOptions {
  readonly client: QrsClient
  readonly policy: TaskPolicy
  readonly clock: Clock
  readonly logger: Logger
  readonly closed: AbortSignal
  readonly wakeUps: WakeUps
}

/** Starting tasks, through one client and under one policy. */
export function createTasks({ client, policy, clock, logger, closed, wakeUps }: TasksOptions): Tasks {
  const executions = createExecutions(client)
  return {
    async start(target, options = {}) {
      const task = await findTask(client, target, options.signal)
      demandAllowed([task])
      return begin(task, options)
    },

    async startMany(targets, { concurrency = 4, ...options } = {}) {
      const tasks = await findAllowed(targets, options.signal)
      return inParallel(tasks, concurrency, async (task) => {
        const { id, name } = task
        try {
          return { task: { id, name }, run: await begin(task, options) }
        } catch (error) {
          options.signal?.throwIfAborted()
          return { task: { id, name }, error }
        }
      })
    },

    async runMany(targets, { concurrency = 4, ...options } = {}) {
      const tasks = await findAllowed(targets, options.signal)
      return inParallel(tasks, concurrency, async (task) => {
        const { id, name } = task
        try {
          const run = await begin(task, options)
          return { task: { id, name }, result: await run.finished({ signal: options.signal }) }
        } catch (error) {
          options.signal?.throwIfAborted()
          return { task: { id, name }, error }
        }
      })
    },

    async runChain(targets, options = {}) {
      // Not by `findTasks`: a chain may hold a task twice.
      const tasks: Task[] = []
      for (const target of targets) tasks.push(await findTask(client, target, options.signal))
      demandAllowed(tasks)
      const results: RunResult[] = []
      for (const task of tasks) {
        const run = await begin(task, options)
        const result = await run.finished({ signal: options.signal })
        results.push(result)
        if (result.status !== 'success') break
      }
      return results
    },

    async follow(target, { signal, executionId } = {}) {
      if (executionId !== undefined && !isGuid(executionId)) throw new TaskError('TASK_ID_INVALID', 'executionId is not a GUID')
      const task = await findTask(client, target, signal)
      const id = executionId?.toLowerCase() ?? (await runningSession(task, signal))
      return id === undefined ? undefined : follow(task, id)
    },

    async reloadApp(appId, { signal } = {}) {
      if (!policy.allowsAll)
        throw new TaskError('TASK_DENIED', "reloading an app may make a task of its own, so it needs allowTasks: 'all'")
      const { task, executionId } = await reloadApp({ client, executions, clock, closed, appId, signal })
      logger.info('app reload started', { appId, taskId: task.id, executionId })
      return follow(task, executionId)
    },
  }

  async function findAllowed(targets: readonly (TaskTarget | TaskGroup)[], signal: AbortSignal | undefined): Promise<Task[]> {
    const tasks = await findTasks(client, targets, signal)
    demandAllowed(tasks)
    return tasks
  }

  function demandAllowed(tasks: readonly Task[]): void {
    const denied = tasks.filter((task) => !policy.allows(task))
    if (denied.length === 0) return
    for (const task of denied) logger.warn('task start denied', { taskId: task.id, taskName: task.name })
    const taskIds = denied.map((task) => task.id)
    const message = taskIds.length === 1 ? `task ${taskIds[0]} is` : `tasks ${taskIds.join(', ')} are`
    throw new TaskError('TASK_DENIED', `${message} not on the list of tasks that may be started`, { taskIds })
  }

  async function begin(task: Task, { signal, ifRunning = 'reject' }: StartOptions): Promise<Run> {
    for (let round = 1; ; round++) {
      const started = await requestStart(task, signal)
      if (started !== undefined) {
        logger.info('task started', { taskId: task.id, taskName: task.name, executionId: started })
        return follow(task, started)
      }
      const running = ifRunning === 'reject' ? undefined : await runningSession(task, signal)
      if (running !== undefined && ifRunning === 'join') return follow(task, running)
      // The run that was in the way may have ended between the two answers; twice in a row it is something else.
      if (ifRunning === 'reject' || (running === undefined && round > 1)) throw notStarted(task)
      if (running === undefined) continue
      await gone(running, signal)
      round = 0
    }
  }

  /** Waits until a session is gone: the scheduler takes the task again from then on, whatever its result says. */
  async function gone(executionId: string, signal: AbortSignal | undefined): Promise<void> {
    const life = joinSignals(signal, closed)
    try {
      for (let delayMs = 1_000; ; delayMs = Math.min(delayMs * 1.5, 5_000)) {
        const wakes = wakeUps.count
        if (!(await isRunning(executionId, life.signal))) return
        await wakeUps.pause(clock, delayMs, wakes, life.signal)
      }
    } finally {
      life.release()
    }
  }

  async function isRunning(executionId: string, signal: AbortSignal): Promise<boolean> {
    try {
      return (await executions.session(executionId, signal)) !== undefined
    } catch (error) {
      if (!(error instanceof QrsError) || !error.transient) throw error
      return true
    }
  }

  function follow(task: Task, executionId: string): Run {
    const { id, name } = task
    const source = createExecutionSource(executions, task, executionId)
    return followRun({ task: { id, name }, executionId, source, clock, logger, closed, wakeUps, mayAbort: policy.allows(task) })
  }

  /** "Synchronous" means until there is a session, not until the reload is done. */
  async function requestStart(task: Task, signal: AbortSignal | undefined): Promise<string | undefined> {
    try {
      return await client.json({ method: 'POST', path: `/qrs/task/${task.id}/start/synchronous`, signal }, boxedReference)
    } catch (cause) {
      if (!(cause instanceof QrsError) || cause.status !== 404) throw cause
      throw new TaskError('TASK_NOT_FOUND', `task ${task.id} is gone`, { taskIds: [task.id], cause })
    }
  }

  async function runningSession(task: Task, signal: AbortSignal | undefined): Promise<string | undefined> {
    const [executionId] = await executions.sessionsOf(task.id, signal)
    return executionId
  }
}

function notStarted(task: Task): TaskError {
  const why = 'disabled, running already, no scheduler, or its app is not available'
  return new TaskError('TASK_NOT_STARTED', `Sense did not start task ${task.id}: ${why}`, { taskIds: [task.id] })
}
