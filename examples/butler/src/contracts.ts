import { text, topic } from '@butlerkit/core'
import { z } from 'zod'

const run = { taskName: z.string(), executionId: z.guid(), seconds: z.number() }

/** Butler's own topic since 2016: the whole payload is a task id. */
export const classicStart = topic('qliksense/start_task', {
  codec: text,
  payload: z.string().trim().pipe(z.guid()),
  summary: 'Start a task by its bare id',
})

export const startTask = topic('qliksense/+site/start_task/+taskId', {
  params: { taskId: z.guid() },
  payload: z.object({ reason: z.string().max(200).optional() }),
  reply: z.object({ executionId: z.guid() }),
  errors: { DENIED: z.object({ taskId: z.guid() }), NOT_FOUND: z.object({ taskId: z.guid() }) },
  summary: 'Start a task and learn its execution session',
})

export const taskDone = topic('qliksense/+site/task_done/+taskId', {
  params: { taskId: z.guid() },
  payload: z.object({ ...run, status: z.enum(['success', 'failed', 'aborted', 'skipped']) }),
  summary: 'A run this butler started is over',
})

export const taskFailure = topic('qliksense/+site/task_failure/+taskId', {
  params: { taskId: z.guid() },
  payload: z.object({ taskName: z.string(), host: z.string(), message: z.string() }),
  summary: "Sense's scheduler says that a task failed",
})
