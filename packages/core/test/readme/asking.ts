import { butlerStatus, type Butler } from '@butlerkit/core'
import { note, startTask } from './contracts.js'

export async function askAround(butler: Butler, taskId: string): Promise<void> {
  const answer = await butler.tryRequest(startTask, { site: 'lab', taskId }, {}, { timeoutMs: 10_000 })
  if (answer.ok) console.log('started', answer.reply.executionId)
  else if (answer.code === 'NOT_FOUND') console.log('there is no task', answer.data.taskId) // declared errors are a typed union
  else console.log('no answer', answer.code)

  const { payload } = await butler.once(note, { where: ({ params }) => params.path[0] === 'urgent', timeoutMs: 60_000 })
  console.log('urgent:', payload)

  const status = butler.state(butlerStatus, { name: 'butler-2' }) // a retained topic is a state: get, set, clear, for await
  console.log('butler-2 is', (await status.get())?.state)
  for await (const now of status) if (now?.state === 'offline') return console.log('butler-2 is gone')
}
