import { expect, it } from 'vitest'
import { createBackoff } from './backoff.js'

const options = { initialMs: 1_000, maxMs: 60_000, jitter: 0.25, stableMs: 30_000 }
const middle = () => 0.5

it('doubles the wait up to the longest', () => {
  const backoff = createBackoff(options, () => 0, middle)
  expect(Array.from({ length: 8 }, () => backoff.next(false).waitMs)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
})

it('makes each wait longer or shorter by the jitter', () => {
  expect(
    createBackoff(
      options,
      () => 0,
      () => 0,
    ).next(false).waitMs,
  ).toBe(750)
  expect(
    createBackoff(
      options,
      () => 0,
      () => 1,
    ).next(false).waitMs,
  ).toBe(1_250)
  expect(
    createBackoff(
      { ...options, jitter: 1 },
      () => 0,
      () => 0,
    ).next(false).waitMs,
  ).toBe(1)
})

it('waits longest after a refusal', () => {
  expect(createBackoff(options, () => 0, middle).next(true).waitMs).toBe(60_000)
})

it('begins anew after a connection that was stable, and only after such', () => {
  let now = 0
  const backoff = createBackoff(options, () => now, middle)
  backoff.next(false)
  backoff.next(false)
  backoff.connected()
  now += 29_999
  expect(backoff.next(false).waitMs).toBe(4_000)
  backoff.connected()
  now += 30_000
  expect(backoff.next(false).waitMs).toBe(1_000)
  now += 1_000_000
  expect(backoff.next(false)).toEqual({ attempt: 2, waitMs: 2_000 })
})

it('counts to the longest wait however often it is asked', () => {
  const backoff = createBackoff(options, () => 0, middle)
  for (let attempt = 0; attempt < 5_000; attempt += 1) backoff.next(false)
  expect(backoff.next(false).waitMs).toBe(60_000)
})
