import { describe, expect, it } from 'vitest'
import type { SchemaEventRecord } from '../store/records.js'
import { nextExecution } from './schedule.js'

const event = (fields: Partial<SchemaEventRecord>) =>
  ({
    enabled: true,
    startDate: '2026-01-31T06:00:00.000Z',
    expirationDate: '9999-12-31T23:59:59.999Z',
    incrementOption: 0,
    incrementDescription: '0 0 0 0',
    ...fields,
  }) as SchemaEventRecord

describe('the next execution', () => {
  it.each<[string, Partial<SchemaEventRecord>, string, string | undefined]>([
    ['the start, before it', {}, '2026-01-01T00:00:00Z', '2026-01-31T06:00:00Z'],
    ['the start, at it', {}, '2026-01-31T06:00:00Z', '2026-01-31T06:00:00Z'],
    ['none after it, when it is once', {}, '2026-01-31T06:00:00.001Z', undefined],
    ['none when it is off', { enabled: false }, '2026-01-01T00:00:00Z', undefined],
    ['an hour on', { incrementOption: 1, incrementDescription: '0 1 0 0' }, '2026-02-01T00:00:01Z', '2026-02-01T01:00:00Z'],
    ['every 90 minutes', { incrementOption: 1, incrementDescription: '30 1 0 0' }, '2026-01-31T06:00:01Z', '2026-01-31T07:30:00Z'],
    ['a day on', { incrementOption: 2, incrementDescription: '0 0 1 0' }, '2026-02-10T07:00:00Z', '2026-02-11T06:00:00Z'],
    ['two weeks on', { incrementOption: 3, incrementDescription: '0 0 0 2' }, '2026-02-01T00:00:00Z', '2026-02-14T06:00:00Z'],
    ['the last day of a shorter month', { incrementOption: 4 }, '2026-02-01T00:00:00Z', '2026-02-28T06:00:00Z'],
    ['the same day of a month after', { incrementOption: 4 }, '2026-02-28T06:00:01Z', '2026-03-31T06:00:00Z'],
    ['next year', { incrementOption: 4 }, '2026-12-31T06:00:01Z', '2027-01-31T06:00:00Z'],
    ['none without an increment', { incrementOption: 5 }, '2026-02-01T00:00:00Z', undefined],
    [
      'none when it is over',
      { incrementOption: 2, incrementDescription: '0 0 1 0', expirationDate: '2026-02-02T00:00:00.000Z' },
      '2026-02-01T07:00:00Z',
      undefined,
    ],
  ])('is %s', (_, fields, now, expected) => {
    const next = nextExecution(event(fields), Date.parse(now))
    expect(next === undefined ? undefined : new Date(next)).toEqual(expected === undefined ? undefined : new Date(expected))
  })
})
