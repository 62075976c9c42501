import { expect, it } from 'vitest'
import { createLine } from './line.js'

it('runs jobs one after the other, a failed one too, and counts them', async () => {
  const line = createLine()
  const seen: string[] = []
  const job = (name: string) => async () => {
    seen.push(`${name} begins`)
    await Promise.resolve()
    seen.push(`${name} ends`)
    if (name === 'b') throw new Error('b failed')
    return name
  }
  const jobs = ['a', 'b', 'c'].map((name) => line.inTurn(job(name)))
  expect(line.length).toBe(3)
  expect(await Promise.allSettled(jobs)).toMatchObject([{ value: 'a' }, { reason: { message: 'b failed' } }, { value: 'c' }])
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  expect(line.length).toBe(0)
})

it('never begins a job whose signal aborted while it waited, and does not keep its caller waiting', async () => {
  const line = createLine()
  const giveUp = new AbortController()
  const begun: string[] = []
  let finish = () => {}
  const first = line.inTurn(() => new Promise<void>((resolve) => (finish = resolve)))
  const second = line.inTurn(async () => begun.push('second'), giveUp.signal)
  const third = line.inTurn(async () => begun.push('third'))
  giveUp.abort(new Error('gave up'))
  await expect(second).rejects.toThrow('gave up')
  finish()
  await Promise.all([first, third])
  expect(begun).toEqual(['third'])
})
