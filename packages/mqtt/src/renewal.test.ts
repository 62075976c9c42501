import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createRenewal } from './renewal.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('ends the connection for the soonest of the reasons, counted from when it stands', () => {
  const end = vi.fn()
  const renewal = createRenewal(end)
  renewal.ask('later', 60_000)
  renewal.ask('soon', 1_000)
  renewal.ask('never first', 60_000)
  vi.advanceTimersByTime(5_000)
  expect(end).not.toHaveBeenCalled()
  renewal.stands()
  vi.advanceTimersByTime(999)
  expect(end).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(end).toHaveBeenCalledExactlyOnceWith('soon')
})

it('is not put off by what is asked later', () => {
  const end = vi.fn()
  const renewal = createRenewal(end)
  renewal.stands()
  renewal.ask('first', 60_000)
  vi.advanceTimersByTime(59_500)
  renewal.ask('second', 1_000)
  vi.advanceTimersByTime(500)
  expect(end).toHaveBeenCalledExactlyOnceWith('first')
})

it('forgets what was asked of a connection that is gone', () => {
  const end = vi.fn()
  const renewal = createRenewal(end)
  renewal.stands()
  renewal.ask('gone', 1_000)
  renewal.forget()
  renewal.stands()
  vi.advanceTimersByTime(60_000)
  expect(end).not.toHaveBeenCalled()
})
