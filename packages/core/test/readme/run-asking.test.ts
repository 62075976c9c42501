import { butlerStatus } from '@butlerkit/core'
import { testButler } from '@butlerkit/core/testing'
import { expect, it, vi } from 'vitest'
import { askAround } from './asking.js'
import { note } from './contracts.js'
import { tasks } from './tasks.js'

it('runs asking.ts', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await using t = await testButler({ services: { scheduler: { start: async () => undefined } }, mount: [tasks] })
  const taskId = crypto.randomUUID()
  await t.publish(butlerStatus, { name: 'butler-2' }, { name: 'butler-2', state: 'online' })
  const asked = askAround(t.butler, taskId)
  await vi.waitFor(() => expect(log).toHaveBeenCalledWith('there is no task', taskId))
  await t.settled()
  await t.publish(note, { site: 'lab', path: ['urgent'] }, 'now')
  await vi.waitFor(() => expect(log).toHaveBeenCalledWith('butler-2 is', 'online'))
  await t.settled()
  await t.publish(butlerStatus, { name: 'butler-2' }, { name: 'butler-2', state: 'offline' })
  await asked
  expect(log.mock.calls.at(-1)).toEqual(['butler-2 is gone'])
  log.mockRestore()
})
