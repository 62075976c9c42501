import { expect, it } from 'vitest'
import { recorder } from './recorder.js'

it('remembers what it was told, and what it was told to give up it does not', async () => {
  const notify = recorder('mine')
  expect(await notify.notify({ title: 'one' })).toEqual({ notifier: 'mine' })
  await expect(notify.notify({ title: 'two' }, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
  expect(notify.notifications).toEqual([{ title: 'one' }])
})
