// What an editor shows of the names after `//?` is kept in benchmarks/types/hovers.txt: run `pnpm --filter benchmarks types`.
import { createButler, createRouter, topic } from '@butlerkit/core'
import { z } from 'zod'

interface Sense {
  start(taskId: string): Promise<string>
}
declare const sense: Sense

//? topic contract: startTask
export const startTask = topic('qliksense/+site/start_task/+taskId', {
  params: { taskId: z.uuid() },
  payload: z.object({ reason: z.string().optional() }),
  reply: z.object({ executionId: z.string() }),
  errors: { NOT_FOUND: z.object({ taskId: z.string() }) },
})
const taskDone = topic('qliksense/+site/task/+taskId/done', {
  payload: z.object({ status: z.enum(['success', 'failed']), seconds: z.number() }),
})

//? router: tasks
const tasks = createRouter<{ sense: Sense }>()
  .derive(({ userProperties }) => ({ tenant: userProperties['tenant'] ?? 'lab' }))
  .use(async ({ ctx }, next) => next({ started: await ctx.sense.start('') }))

//? handler message: message
tasks.on(startTask, async (message) => {
  //? params: params
  //? payload: payload
  //? ctx after derive and use: ctx
  const { params, payload, ctx } = message
  return { executionId: await ctx.sense.start(params.taskId + payload.reason + ctx.tenant) }
})

//? butler: butler
const butler = createButler({ name: 'butler', transports: [], services: { sense } })
const { publish, request, tryRequest } = butler.mount(tasks)

//? publish: publish
await publish(taskDone, { site: 'lab', taskId: '' }, { status: 'success', seconds: 3 })
//? request result: reply
export const reply = await request(startTask, { site: 'lab', taskId: '' }, {})
//? tryRequest union: result
export const result = await tryRequest(startTask, { site: 'lab', taskId: '' }, {})
