import { text, topic } from '@butlerkit/core'
import { z } from 'zod'

export const startTask = topic('qliksense/+site/start_task/+taskId', {
  params: { taskId: z.uuid() }, // optional: checks or converts one level
  payload: z.object({ reason: z.string().max(200).optional() }),
  reply: z.object({ executionId: z.string() }), // makes it a request
  errors: { NOT_FOUND: z.object({ taskId: z.string() }) },
})

export const note = topic('qliksense/+site/note/#path', { codec: text })
