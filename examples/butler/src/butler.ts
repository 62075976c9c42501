import {
  ButlerError,
  butlerStatus,
  createButler,
  createRouter,
  type Butler,
  type Logger,
  type Notifier,
  type Publisher,
  type Transport,
} from '@butlerkit/core'
import type { Run, Sense } from '@butlerkit/sense'
import { taskFailed } from '@butlerkit/sense/events'
import { classicStart, startTask, taskDone, taskFailure } from './contracts.js'

export interface Services {
  readonly sense: Sense
  readonly notify: Notifier
  readonly site: string
}

const followed = new Set<string>() // execution sessions whose end we tell ourselves

export const tasks = createRouter<Services>({ retry: { attempts: 3, when: (error) => ButlerError.is(error, 'QRS_UNREACHABLE') } })
  .on(classicStart, async ({ payload: taskId, ctx, signal, publish, waitUntil }) => {
    const run = await ctx.sense.tasks.start(taskId, { signal, ifRunning: 'join' })
    waitUntil((stopping) => tellTheEnd(run, ctx, publish, stopping))
  })
  .on(startTask, async ({ params: { taskId }, ctx, error, signal, publish, waitUntil }) => {
    const run = await ctx.sense.tasks.start(taskId, { signal, ifRunning: 'join' }).catch((cause) => {
      if (ButlerError.is(cause, 'TASK_DENIED')) throw error('DENIED', { taskId })
      if (ButlerError.is(cause, 'TASK_NOT_FOUND')) throw error('NOT_FOUND', { taskId })
      throw cause
    })
    waitUntil((stopping) => tellTheEnd(run, ctx, publish, stopping))
    return { executionId: run.executionId }
  })

export const alerts = createRouter<Services>()
  // Only Sense's own scheduler may say so, not whoever can publish to the broker.
  .on(
    taskFailed,
    async ({ params: { taskId }, payload: { executionId, taskName, host, message }, ctx, publish, signal }) => {
      if (executionId !== undefined && followed.has(executionId)) return
      await publish(taskFailure, { site: ctx.site, taskId }, { taskName, host, message })
      await ctx.notify.notify(
        { title: `${taskName} failed on ${host}`, severity: 'error', text: message, fields: { task: taskId } },
        { signal },
      )
    },
    { from: 'sense-events' },
  )

async function tellTheEnd(run: Run, { notify, site }: Services, publish: Publisher['publish'], signal: AbortSignal): Promise<void> {
  const { task, executionId } = run
  if (followed.has(executionId)) return
  followed.add(executionId)
  try {
    const { status, durationMs } = await run.finished({ signal })
    const seconds = durationMs / 1_000
    await publish(taskDone, { site, taskId: task.id }, { taskName: task.name, executionId, status, seconds })
    const log = status === 'success' ? undefined : await run.scriptLog({ tail: 5, signal })
    await notify.notify(
      {
        title: `${task.name}: ${status}`,
        severity: status === 'success' ? 'info' : 'error',
        fields: { task: task.id, seconds },
        ...(log && { excerpt: log.join('\n') }),
      },
      { signal },
    )
  } finally {
    followed.delete(executionId)
  }
}

export function assembleButler(services: Services, transports: readonly Transport[], logger: Logger): Butler<Services> {
  return createButler({ name: 'example', services, transports, status: butlerStatus, logger }).mount(tasks).mount(alerts)
}
