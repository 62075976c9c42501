import { z } from 'zod'
import { endpoint } from '../endpoint.js'
import { oldName } from '../query.js'

/**
 * Starts a task, if the client's task policy allows it. Answers once Sense has started it, not when it is over. The first Butler's
 * documents say `taskId`, its code of that day read `taskid`.
 */
export const startTask = endpoint({
  method: 'GET',
  path: '/senseStartTask',
  summary: 'Starts a task and tells its execution',
  access: 'key',
  needs: ['sense'],
  query: z.preprocess(oldName('taskid', 'taskId'), z.strictObject({ taskId: z.guid('must be a GUID') })),
  reply: z.object({ taskId: z.string(), executionId: z.string() }),
  async handler({ query, services, signal }) {
    const { executionId } = await services.sense.tasks.start(query.taskId, { signal })
    return { taskId: query.taskId, executionId }
  },
})
