import { describe, expect, it } from 'vitest'
import { boxedReference, boxedText, toDate, toReference } from './fields.js'

describe('toDate', () => {
  it.each([
    '2026-01-05T08:00:01.120Z',
    '2000-02-29T23:59:59.999Z',
    '9999-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00.000Z',
    '2026-01-05T08:00:01Z',
    '2026-01-05T08:00:01.1200000Z',
    '2026-01-05T08:00:01.120+01:00',
  ])('reads %s as Date does', (text) => {
    expect(toDate(text)).toEqual(new Date(text))
  })

  it('reads any date, and any text that is nearly one, as Date does', () => {
    const two = (value: number) => String(value).padStart(2, '0')
    for (let round = 0; round < 5_000; round++) {
      const next = (below: number) => (round * 7_919 + below * 104_729) % below
      const [month, day, hours] = [next(14), next(33), next(26)]
      const text = `${1800 + (round % 400)}-${two(month)}-${two(day)}T${two(hours)}:${two(next(61))}:${two(next(62))}.${String(round % 1_000).padStart(3, '0')}Z`
      const nearly = round % 10 === 0 ? text.replace(/\d(?=Z)/, 'x') : text
      const expected = new Date(nearly)
      expect(toDate(nearly), nearly).toEqual(Number.isNaN(expected.getTime()) ? undefined : expected)
    }
  })

  it.each([null, undefined, '1753-01-01T00:00:00.000Z', '1753-01-01T00:00:00Z', '', 'yesterday'])('takes %j for none', (text) => {
    expect(toDate(text)).toBeUndefined()
  })
})

describe('toReference', () => {
  it('writes a GUID in lower case, and takes the empty one for none', () => {
    expect(toReference('3F1C0F0A-6a52-4a0e-9d7e-0b6f8f3b2a11')).toBe('3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11')
    for (const none of ['00000000-0000-0000-0000-000000000000', null, undefined]) expect(toReference(none)).toBeUndefined()
  })
})

describe('a scalar', () => {
  it('is taken with its box and without', () => {
    expect(boxedText.parse({ value: 'ticket' })).toBe('ticket')
    expect(boxedText.parse('ticket')).toBe('ticket')
    expect(boxedReference.parse({ value: '00000000-0000-0000-0000-000000000000' })).toBeUndefined()
    expect(boxedReference.safeParse({ value: 'started' }).success).toBe(false)
  })
})
