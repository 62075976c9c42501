import { createRouter, exponential } from '@butlerkit/core'
import { note, startTask } from './contracts.js'

export interface Scheduler {
  start(taskId: string, signal: AbortSignal): Promise<string | undefined>
}

export const tasks = createRouter<{ scheduler: Scheduler }>() // names what it needs; mounting it elsewhere is a type error
  .on(
    startTask,
    async ({ params, payload, ctx, signal, error, log }) => {
      const executionId = await ctx.scheduler.start(params.taskId, signal)
      if (executionId === undefined) throw error('NOT_FOUND', { taskId: params.taskId })
      log.info('task started', { site: params.site, executionId, reason: payload.reason })
      return { executionId }
    },
    {
      timeoutMs: 10_000,
      retry: { attempts: 3, backoff: exponential({ initialMs: 1_000 }) },
      dedupe: { by: ({ params, payload }) => `${params.taskId} ${payload.reason}`, ttlMs: 60_000 },
      deadLetter: true,
      invalid: 'reply-error',
    },
  )
  .on(note, async ({ params, payload, publish }) => {
    if (params.path.length === 0) await publish(note, { site: params.site, path: ['inbox'] }, payload)
  })
