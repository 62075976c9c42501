import { expect, it } from 'vitest'
import { createGuidSource, isGuid } from './guid.js'

it('makes the same ids from the same seed, and others from another', () => {
  const take = (seed: number) => Array.from({ length: 1_000 }, createGuidSource(seed))
  expect(take(7)).toEqual(take(7))
  expect(new Set([...take(7), ...take(8)]).size).toBe(2_000)
  expect(take(7).every((id) => isGuid(id) && /^.{14}4.{4}[89ab]/.test(id) && id === id.toLowerCase())).toBe(true)
})
