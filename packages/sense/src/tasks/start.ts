import type { Clock, Logger } from '@butlerkit/core'
import { QrsError, TaskError } from '../errors.js'
import type { QrsClient } from '../qrs/client.js'
import { createExecutions } from '../qrs/executions.js'
import { boxedReference } from '../qrs/fields.js'
import type { TaskPolicy } from './policy.js'
import { followRun, type Run } from './run.js'
import { findTask, type Task, type TaskTarget } from './task.js'

/** How to start a task. */
export interface StartOptions {
  /** Gives up starting; a task that QRS has already been asked to start goes on. Does not concern the run that is returned. */
  readonly signal?: AbortSignal | undefined
  /** When the task is running already: `reject` with `TASK_NOT_STARTED`, or `join` the run there is. @defaultValue 'reject' */
  readonly ifRunning?: 'reject' | 'join'
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
}

/** What starting and following need. */
export interface TasksOptions {
  readonly client: QrsClient
  readonly policy: TaskPolicy
  readonly clock: Clock
  readonly logger: Logger
  readonly closed: AbortSignal
}

/** Starting tasks, through one client and under one policy. */
export function createTasks({ client, policy, clock, logger, closed }: TasksOptions): Tasks {
  const executions = createExecutions(client)
  return {
    async start(target, { signal, ifRunning = 'reject' } = {}) {
      const task = await findTask(client, target, signal)
      if (!policy.allows(task)) {
        logger.warn('task start denied', { taskId: task.id, taskName: task.name })
        throw new TaskError('TASK_DENIED', `task ${task.id} is not on the list of tasks that may be started`, { taskIds: [task.id] })
      }
      const executionId = (await requestStart(task, signal)) ?? (ifRunning === 'join' ? await runningSession(task, signal) : undefined)
      if (executionId === undefined) {
        const why = 'disabled, running already, no scheduler, or its app is not available'
        throw new TaskError('TASK_NOT_STARTED', `Sense did not start task ${task.id}: ${why}`, { taskIds: [task.id] })
      }
      logger.info('task started', { taskId: task.id, taskName: task.name, executionId })
      return followRun({ task, executionId, executions, clock, logger, closed })
    },
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
