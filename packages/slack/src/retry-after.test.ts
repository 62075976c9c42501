import { expect, it } from 'vitest'
import { parseRetryAfter } from './retry-after.js'

const now = Date.UTC(2026, 0, 1)

it.each<[string | string[] | undefined, number | undefined]>([
  ['30', 30_000],
  [' 30 ', 30_000],
  ['0', 0],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  [undefined, undefined],
  ['', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['99999999999999', undefined],
  ['soon', undefined],
  ['tomorrow GMT', undefined],
  ['Thu, 99 Foo 2026 00:00:00 GMT', undefined],
  [['30', '60'], undefined],
])('%j is %j milliseconds', (header, waitMs) => {
  expect(parseRetryAfter(header, now)).toBe(waitMs)
})
