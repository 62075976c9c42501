import { testButler } from '@butlerkit/core/testing'
import { expect, it } from 'vitest'
import { note, startTask } from './contracts.js'
import { tasks } from './tasks.js'

const taskId = 'a2b8c7d6-1111-4222-8333-444455556666'

it('tries again while the scheduler is away, without waiting in the test', async () => {
  let calls = 0
  const start = async () => {
    calls += 1
    if (calls === 1) throw new Error('scheduler is away')
    return 'execution-1'
  }
  await using t = await testButler({ services: { scheduler: { start } }, mount: [tasks] })

  const reply = t.request(startTask, { site: 'lab', taskId }, { reason: 'month end' })
  await t.settled() // everything the message caused is done, or waits for the clock
  await t.clock.advance(1_250)

  expect(await reply).toEqual({ executionId: 'execution-1' })
})

it('answers what it does not know with a declared error', async () => {
  await using t = await testButler({ services: { scheduler: { start: async () => undefined } }, mount: [tasks] })
  expect(await t.tryRequest(startTask, { site: 'lab', taskId }, {})).toEqual({ ok: false, code: 'NOT_FOUND', data: { taskId } })
})

it('files a note without a path', async () => {
  await using t = await testButler({ services: { scheduler: { start: async () => undefined } }, mount: [tasks] })
  await t.publish(note, { site: 'lab', path: [] }, 'hello')
  await t.settled()
  expect(t.published(note).map(({ topic }) => topic)).toEqual(['qliksense/lab/note', 'qliksense/lab/note/inbox'])
})
