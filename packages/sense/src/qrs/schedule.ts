import { z } from 'zod'
import { SenseError } from '../errors.js'
import { optional } from './fields.js'

/** How often a schedule starts its task, as QRS counts it. @see QRS 38.22.0, `SchemaEvent.incrementOption` */
export const ScheduleIncrement = { once: 0, hourly: 1, daily: 2, weekly: 3, monthly: 4, custom: 5 } as const

/**
 * What a schedule makes of a time zone's summer time: follow it, or keep one of the two times all year.
 *
 * @see QRS 38.22.0, `SchemaEvent.daylightSavingTime`
 */
export const DaylightSavingTime = { observe: 0, permanentStandardTime: 1, permanentDaylightSavingTime: 2 } as const

/** A start by the clock: QRS's schema event. */
export interface ScheduleDefinition {
  readonly kind: 'schedule'
  readonly name: string
  /** @defaultValue true */
  readonly enabled?: boolean | undefined
  /** A name of {@link ScheduleIncrement}. */
  readonly increment: keyof typeof ScheduleIncrement
  /** Minutes, hours, days and weeks between two starts: `'0 0 1 0'` for every day. @defaultValue one of the increment's own units */
  readonly every?: string | undefined
  /**
   * Which of these starts count, as the QMC writes it: minute, hour, which of the month's weekdays, weekday (0 is Sunday), every how many
   * weeks, day of the month, month, every how many months. `'* * - 1,3 * * * *'` is Mondays and Wednesdays.
   *
   * @defaultValue all, `'* * - * * * * *'`; with `weekly` the weekday of `start`, with `monthly` its day of the month
   */
  readonly only?: string | undefined
  /** The first start. @defaultValue now */
  readonly start?: Date | undefined
  /** @defaultValue never */
  readonly end?: Date | undefined
  /** IANA name, whose days and hours count. @defaultValue 'UTC' */
  readonly timeZone?: string | undefined
  /** A name of {@link DaylightSavingTime}. @defaultValue 'observe' */
  readonly daylightSaving?: keyof typeof DaylightSavingTime | undefined
}

/** How often a schedule there is starts its task: what {@link ScheduleDefinition} says of the same names. */
export interface Schedule {
  /** `undefined` for one that is new to us. */
  readonly increment: keyof typeof ScheduleIncrement | undefined
  readonly every: string
  readonly only: readonly string[]
  readonly timeZone: string
  /** `undefined` for one that is new to us. */
  readonly daylightSaving: keyof typeof DaylightSavingTime | undefined
}

/** What a schema event has of it. */
export const scheduleWireFields = {
  timeZone: optional(z.string()),
  daylightSavingTime: optional(z.number()),
  schemaFilterDescription: optional(z.array(z.string())),
  incrementDescription: optional(z.string()),
  incrementOption: optional(z.number()),
}

/** Our form of it. */
export function readSchedule(event: z.output<z.ZodObject<typeof scheduleWireFields>>): Schedule {
  return {
    increment: nameOf(ScheduleIncrement, event.incrementOption),
    every: event.incrementDescription ?? '',
    only: event.schemaFilterDescription ?? [],
    timeZone: event.timeZone ?? 'UTC',
    daylightSaving: nameOf(DaylightSavingTime, event.daylightSavingTime),
  }
}

function nameOf<Name extends string>(numbers: Readonly<Record<Name, number>>, wanted: number | null | undefined): Name | undefined {
  return (Object.keys(numbers) as Name[]).find((name) => numbers[name] === wanted)
}

const never = '9999-12-31T00:00:00.000Z'
// The QMC steps through weeks and months day by day, and lets the filter choose.
const everyUnit = {
  once: '0 0 0 0',
  hourly: '0 1 0 0',
  daily: '0 0 1 0',
  weekly: '0 0 1 0',
  monthly: '0 0 1 0',
  custom: '0 0 1 0',
} as const

/** The body of a schema event, without its task. @throws {@link SenseError} `SENSE_OPTION` */
export function scheduleBody(definition: ScheduleDefinition): object {
  const { name, enabled = true, increment, every = everyUnit[increment], start = new Date(), end } = definition
  const { timeZone = 'UTC', daylightSaving = 'observe' } = definition
  const { only = defaultOnly(increment, dayIn(timeZone, start)) } = definition
  if (!/^\d+ \d+ \d+ \d+$/.test(every)) throw new SenseError('SENSE_OPTION', 'every must be four numbers: minutes, hours, days, weeks')
  if (only.split(' ').length !== 8) throw new SenseError('SENSE_OPTION', 'only must have eight parts, with a blank between each two')
  return {
    name,
    enabled,
    eventType: 0,
    timeZone,
    daylightSavingTime: DaylightSavingTime[daylightSaving],
    startDate: start.toISOString(),
    expirationDate: end?.toISOString() ?? never,
    schemaFilterDescription: [only],
    incrementDescription: every,
    incrementOption: ScheduleIncrement[increment],
  }
}

function defaultOnly(increment: ScheduleDefinition['increment'], day: Date): string {
  if (increment === 'weekly') return `* * - ${day.getUTCDay()} * * * *`
  return increment === 'monthly' ? `* * - * * ${day.getUTCDate()} * *` : '* * - * * * * *'
}

/** Midnight, in UTC, of the day that it is in a time zone. */
function dayIn(timeZone: string, date: Date): Date {
  try {
    const parts = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: 'numeric', day: 'numeric' }).formatToParts(date)
    const { year = 0, month = 1, day = 1 } = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]))
    return new Date(Date.UTC(year, month - 1, day))
  } catch (cause) {
    throw new SenseError('SENSE_OPTION', `timeZone or start cannot be used: ${timeZone}`, { cause })
  }
}
