import { describe, expect, it } from 'vitest'
import { nextExecution, type Schedule } from './schedule.js'

const all = ['* * - * * * * *']
const schedule = (fields: Partial<Schedule>): Schedule => ({
  enabled: true,
  startDate: '2026-01-31T06:00:00.000Z',
  expirationDate: '9999-12-31T23:59:59.999Z',
  incrementOption: 5,
  incrementDescription: '0 0 1 0',
  schemaFilterDescription: all,
  timeZone: 'UTC',
  daylightSavingTime: 0,
  ...fields,
})
const only = (...schemaFilterDescription: string[]) => ({ schemaFilterDescription })
const every = (incrementDescription: string) => ({ incrementDescription })
const stockholm = { timeZone: 'Europe/Stockholm' }

/** The first times from a moment on, each looked for just after the one before. */
function executions(fields: Partial<Schedule>, from: string, count: number): (string | undefined)[] {
  const found: (string | undefined)[] = []
  for (let nowMs = Date.parse(from); found.length < count;) {
    const next = nextExecution(schedule(fields), nowMs)
    found.push(next === undefined ? undefined : new Date(next).toISOString().replace(':00.000Z', 'Z'))
    if (next === undefined) break
    nowMs = next + 1
  }
  return found
}

describe('the next execution', () => {
  it.each<[string, Partial<Schedule>, string, readonly (string | undefined)[]]>([
    ['the start, and no more, when it is once', { incrementOption: 0 }, '2026-01-01T00:00:00Z', ['2026-01-31T06:00Z', undefined]],
    ['the start, at it', {}, '2026-01-31T06:00:00Z', ['2026-01-31T06:00Z']],
    ['none when it is off', { enabled: false }, '2026-01-01T00:00:00Z', [undefined]],
    ['none without an increment', every('0 0 0 0'), '2026-02-01T00:00:00Z', [undefined]],
    ['each hour', every('0 1 0 0'), '2026-02-01T00:00:01Z', ['2026-02-01T01:00Z', '2026-02-01T02:00Z']],
    ['every 90 minutes', every('30 1 0 0'), '2026-01-31T06:00:01Z', ['2026-01-31T07:30Z', '2026-01-31T09:00Z']],
    ['each day', {}, '2026-02-10T07:00:00Z', ['2026-02-11T06:00Z', '2026-02-12T06:00Z']],
    ['every two weeks', every('0 0 0 2'), '2026-02-01T00:00:00Z', ['2026-02-14T06:00Z', '2026-02-28T06:00Z']],
    ['none when it is over', { expirationDate: '2026-02-02T07:00:00.000Z' }, '2026-02-01T07:00:00Z', ['2026-02-02T06:00Z', undefined]],
    [
      'on weekdays, 31 January being a Saturday',
      only('* * - 1-5 * * * *'),
      '2026-01-01T00:00:00Z',
      ['2026-02-02T06:00Z', '2026-02-03T06:00Z'],
    ],
    ['on Mondays of every other week', only('* * - 1 2 * * *'), '2026-01-31T06:00:00Z', ['2026-02-09T06:00Z', '2026-02-23T06:00Z']],
    [
      'on two days of the month, where it has them',
      only('* * - * * 1,31 * *'),
      '2026-02-02T00:00:00Z',
      ['2026-03-01T06:00Z', '2026-03-31T06:00Z', '2026-04-01T06:00Z', '2026-05-01T06:00Z'],
    ],
    ['on the last day of the month', only('* * - * * ¤ * *'), '2026-02-01T00:00:00Z', ['2026-02-28T06:00Z', '2026-03-31T06:00Z']],
    ['on the last Friday', only('* * ¤ 5 * * * *'), '2026-02-01T00:00:00Z', ['2026-02-27T06:00Z', '2026-03-27T06:00Z']],
    ['on the second Tuesday', only('* * 2 2 * * * *'), '2026-02-01T00:00:00Z', ['2026-02-10T06:00Z', '2026-03-10T06:00Z']],
    ['on the first of each quarter', only('* * - * * 1 1,4,7,10 *'), '2026-02-01T00:00:00Z', ['2026-04-01T06:00Z', '2026-07-01T06:00Z']],
    ['on the first of every third month', only('* * - * * 1 * 3'), '2026-02-02T00:00:00Z', ['2026-04-01T06:00Z', '2026-07-01T06:00Z']],
    ['on 29 February', only('* * - * * 29 2 *'), '2026-02-01T00:00:00Z', ['2028-02-29T06:00Z', '2032-02-29T06:00Z']],
    ['never on 30 February', only('* * - * * 30 2 *'), '2026-02-01T00:00:00Z', [undefined]],
    [
      'in office hours',
      { ...every('0 4 0 0'), ...only('* 8-16 - 1-5 * * * *') },
      '2026-02-02T11:00:00Z',
      ['2026-02-02T14:00Z', '2026-02-03T10:00Z'],
    ],
    ['at the hour the QMC calls 24', { ...every('0 1 0 0'), ...only('* 24 - * * * * *') }, '2026-02-02T11:00:00Z', ['2026-02-03T00:00Z']],
    [
      'where one of several filters takes it',
      only('* * - 0 * * * *', '* * - 3 * * * *'),
      '2026-01-31T06:00:00Z',
      ['2026-02-01T06:00Z', '2026-02-04T06:00Z', '2026-02-08T06:00Z'],
    ],
    [
      'never where no step of two minutes meets an odd one',
      { ...every('2 0 0 0'), ...only('31 * - * * * * *') },
      '2026-02-01T00:00:00Z',
      [undefined],
    ],
    [
      'at an hour that steps of eleven minutes meet once in a while',
      { ...every('11 0 0 0'), ...only('0 3 - 1 * * * *') },
      '2026-02-01T00:00:00Z',
      ['2026-03-23T03:00Z'],
    ],
    ['never where no step meets the filter', only('* 7 - * * * * *'), '2026-02-01T00:00:00Z', [undefined]],
  ])('is %s', (_, fields, from, expected) => {
    expect(executions(fields, from, expected.length)).toEqual(expected)
  })

  it.each<[string, Partial<Schedule>, string, readonly string[]]>([
    ['the same time on the wall, when summer time begins', stockholm, '2026-03-28T00:00:00Z', ['2026-03-28T06:00Z', '2026-03-29T05:00Z']],
    ['the same time on the wall, when it ends', stockholm, '2026-10-24T00:00:00Z', ['2026-10-24T05:00Z', '2026-10-25T06:00Z']],
    [
      'the same time of a zone that keeps standard time',
      { ...stockholm, daylightSavingTime: 1 },
      '2026-03-28T00:00:00Z',
      ['2026-03-28T06:00Z', '2026-03-29T06:00Z'],
    ],
    [
      'the same time of a zone that keeps summer time',
      { ...stockholm, daylightSavingTime: 2 },
      '2026-10-24T00:00:00Z',
      ['2026-10-24T06:00Z', '2026-10-25T06:00Z'],
    ],
    [
      'an hour later where clocks skip it',
      { ...stockholm, startDate: '2026-01-31T01:30:00.000Z' },
      '2026-03-28T01:31:00Z',
      ['2026-03-29T01:30Z', '2026-03-30T00:30Z'],
    ],
    [
      'once where clocks show it twice',
      { ...stockholm, startDate: '2026-01-31T01:30:00.000Z' },
      '2026-10-25T00:00:00Z',
      ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    [
      'an hour later all the same, when the step is an hour',
      { ...stockholm, ...every('0 1 0 0') },
      '2026-03-29T00:00:00Z',
      ['2026-03-29T00:00Z', '2026-03-29T01:00Z', '2026-03-29T02:00Z'],
    ],
    [
      'on the zone’s own day',
      { timeZone: 'America/New_York', startDate: '2026-02-01T03:00:00.000Z', ...only('* * - 6 * * * *') },
      '2026-02-01T00:00:00Z',
      ['2026-02-01T03:00Z', '2026-02-08T03:00Z'],
    ],
    [
      'at the zone’s own hours, by the clocks of the season',
      { ...stockholm, ...every('0 1 0 0'), ...only('* 9 - * * * * *') },
      '2026-03-28T00:00:00Z',
      ['2026-03-28T08:00Z', '2026-03-29T07:00Z'],
    ],
    [
      'at the hours of summer time kept all year',
      { ...stockholm, daylightSavingTime: 2, ...every('0 1 0 0'), ...only('* 9 - * * * * *') },
      '2026-02-01T00:00:00Z',
      ['2026-02-01T07:00Z'],
    ],
    [
      'south of the equator too',
      { timeZone: 'Australia/Sydney', daylightSavingTime: 1, ...every('0 1 0 0'), ...only('* 9 - * * * * *') },
      '2026-02-01T00:00:00Z',
      ['2026-02-01T23:00Z'],
    ],
  ])('is %s', (_, fields, from, expected) => {
    expect(executions(fields, from, expected.length)).toEqual(expected)
  })
})
