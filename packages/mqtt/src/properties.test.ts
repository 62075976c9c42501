import { expect, it } from 'vitest'
import { fromPacket, toBuffer } from './properties.js'

it('keeps the last value of a repeated user property, and a property named __proto__ as one like any other', () => {
  const userProperties = Object.assign(Object.create(null) as Record<string, string | string[]>, { a: ['1', '2'] })
  userProperties['__proto__'] = 'x'
  const { userProperties: read = {} } = fromPacket({ userProperties })
  expect(Object.entries(read)).toEqual([
    ['a', '2'],
    ['__proto__', 'x'],
  ])
})

it('reads nothing that was not given', () => {
  expect(fromPacket(undefined)).toEqual({})
  expect(fromPacket({ topicAlias: 1, payloadFormatIndicator: true })).toEqual({})
})

it('does not copy bytes', () => {
  const bytes = new Uint8Array([1, 2, 3, 4]).subarray(1, 3)
  const buffer = toBuffer(bytes)
  expect([...buffer]).toEqual([2, 3])
  expect(buffer.buffer).toBe(bytes.buffer)
  expect(toBuffer(buffer)).toBe(buffer)
})
