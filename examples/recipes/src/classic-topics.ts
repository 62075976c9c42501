import { createRouter, text, topic } from '@butlerkit/core'
import type { Sense } from '@butlerkit/sense'
import { taskAborted, taskFailed, type TaskEvent } from '@butlerkit/sense/events'
import { z } from 'zod'

const startTask = topic('qliksense/start_task', { codec: text, payload: z.string().trim().pipe(z.guid()) })
const taskFailure = topic('qliksense/task_failure', { codec: text })
const taskFailureFull = topic('qliksense/task_failure_full', { payload: z.record(z.string(), z.string().optional()) })
const taskAbort = topic('qliksense/task_aborted', { codec: text })

/** What Butler hears and says on MQTT, under its topics. */
export const classicTopics = createRouter<{ readonly sense: Pick<Sense, 'tasks'> }>()
  .on(startTask, async ({ payload: taskId, ctx, signal }) => {
    await ctx.sense.tasks.start(taskId, { signal, ifRunning: 'join' })
  })
  .on(
    taskFailed,
    async ({ payload, publish }) => {
      await publish(taskFailure, payload.taskName)
      await publish(taskFailureFull, toButlersNames(payload))
    },
    { from: 'sense-events' }, // Sense's own appenders, not whoever can publish to the broker
  )
  .on(taskAborted, ({ payload, publish }) => publish(taskAbort, payload.taskName), { from: 'sense-events' })

function toButlersNames({ host, user, taskName, taskId, appName, appId, loggedAt, level, executionId, message }: TaskEvent) {
  const names = { hostName: host, user, taskName, taskId, appName, appId }
  return { ...names, logTimeStamp: loggedAt, logLevel: level, executionId, logMessage: message }
}
