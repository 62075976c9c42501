import { createTimeZone } from '../scheduler/time-zone.js'
import type { TriggerSeed } from '../site-seed.js'
import type { SchemaEventRecord } from './records.js'
import { never } from './wire-values.js'

/** A trigger by time, as a seed has it. */
type ScheduleSeed = Exclude<TriggerSeed, { readonly after: unknown }>

const always = () => '* * - * * * * *'
/** How the QMC writes a schedule: minutes, hours, days and weeks between two steps, and which steps count, by the start on the wall. */
const increments = {
  once: { option: 0, description: '0 0 0 0', only: always },
  hourly: { option: 1, description: '0 1 0 0', only: always },
  daily: { option: 2, description: '0 0 1 0', only: always },
  weekly: { option: 3, description: '0 0 1 0', only: (start: Date) => `* * - ${start.getUTCDay()} * * * *` },
  monthly: { option: 4, description: '0 0 1 0', only: (start: Date) => `* * - * * ${start.getUTCDate()} * *` },
} as const

const daylightSavings = { observe: 0, permanentStandardTime: 1, permanentDaylightSavingTime: 2 } as const

/** What a schema event has of when it starts its task. */
export function scheduleFields(
  trigger: ScheduleSeed,
): Pick<
  SchemaEventRecord,
  | 'timeZone'
  | 'daylightSavingTime'
  | 'startDate'
  | 'expirationDate'
  | 'schemaFilterDescription'
  | 'incrementDescription'
  | 'incrementOption'
> {
  const { startDate, every = 'once', timeZone = 'UTC', daylightSaving = 'observe' } = trigger
  const { option, description } = increments[every]
  const zone = createTimeZone(timeZone, daylightSavings[daylightSaving])
  const { only = increments[every].only(new Date(zone.toWall(Date.parse(startDate)))) } = trigger
  return {
    timeZone,
    daylightSavingTime: daylightSavings[daylightSaving],
    startDate: new Date(startDate).toISOString(),
    expirationDate: never,
    schemaFilterDescription: [only],
    incrementDescription: description,
    incrementOption: option,
  }
}
