import type { SchemaEventRecord } from '../store/records.js'
import { readScheduleFilter, type ScheduleFilter } from './schedule-filter.js'
import { createTimeZone, type TimeZone } from './time-zone.js'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** How far ahead is looked for a time that the filter takes: 29 February comes after eight years at most, until 2096. */
const furthestDays = 8 * 366 + 1
/** How many steps are looked at. Days that the filter rules out are passed over at once, so this is for hours and minutes that no step meets. */
const mostLooks = 20_000

/** The fields of a trigger that say when it is due. */
export type Schedule = Pick<
  SchemaEventRecord,
  | 'enabled'
  | 'startDate'
  | 'expirationDate'
  | 'incrementOption'
  | 'incrementDescription'
  | 'schemaFilterDescription'
  | 'timeZone'
  | 'daylightSavingTime'
>

/**
 * When a trigger by time is next due, in milliseconds since 1970; undefined when it is off or over. Beginning with its start it goes on in
 * steps of `incrementDescription`, and is due where `schemaFilterDescription` takes the step. Steps of whole days keep to the clocks on the
 * wall of `timeZone`; shorter ones are as long as they say.
 */
export function nextExecution(schedule: Schedule, nowMs: number): number | undefined {
  if (!schedule.enabled) return undefined
  const startMs = Date.parse(schedule.startDate)
  const next = schedule.incrementOption === 0 ? startMs : firstStep(schedule, startMs, nowMs)
  return next === undefined || next < nowMs || next > Date.parse(schedule.expirationDate) ? undefined : next
}

function firstStep(schedule: Schedule, startMs: number, nowMs: number): number | undefined {
  const zone = createTimeZone(schedule.timeZone, schedule.daylightSavingTime)
  const steps = createSteps(schedule.incrementDescription, zone, startMs)
  const filters = schedule.schemaFilterDescription.flatMap((text) => readScheduleFilter(text, zone.toWall(startMs)) ?? [])
  const endMs = Math.max(startMs, nowMs) + furthestDays * dayMs
  let step = steps.firstFrom(nowMs)
  for (let looks = 0; looks < mostLooks; looks++) {
    const dueMs = steps.at(step)
    if (dueMs > endMs) return undefined
    const found = filters.length === 0 ? 'now' : takenBy(filters, zone.toWall(dueMs))
    if (found === 'now') return dueMs
    if (steps.last === step) return undefined
    // What the day rules out no later step of that day can bring back.
    const nextMs = found === 'later' ? dueMs : zone.fromWall((Math.floor(zone.toWall(dueMs) / dayMs) + 1) * dayMs)
    step = Math.max(step + 1, steps.firstFrom(nextMs))
  }
  return undefined
}

/** Whether a time is due now, may be due later on its day, or on another day only. */
function takenBy(filters: readonly ScheduleFilter[], wallMs: number): 'now' | 'later' | 'another day' {
  const ofDay = filters.filter((filter) => filter.takesDay(wallMs))
  if (ofDay.some((filter) => filter.takesTime(wallMs))) return 'now'
  return ofDay.length > 0 ? 'later' : 'another day'
}

/** The times at which a schedule could be due, the start being step 0. */
interface Steps {
  at(step: number): number
  /** The first step that is not before a time. */
  firstFrom(timeMs: number): number
  /** The only step, where there is just one. */
  readonly last: number | undefined
}

function createSteps(incrementDescription: string, zone: TimeZone, startMs: number): Steps {
  const [minutes = 0, hours = 0, days = 0, weeks = 0] = incrementDescription.split(' ').map(Number)
  const shortMs = minutes * minuteMs + hours * hourMs
  const stepMs = shortMs + (days + 7 * weeks) * dayMs
  if (!(stepMs > 0)) return { at: () => startMs, firstFrom: () => 0, last: 0 }
  if (shortMs > 0)
    return {
      at: (step) => startMs + step * stepMs,
      firstFrom: (timeMs) => Math.max(0, Math.ceil((timeMs - startMs) / stepMs)),
      last: undefined,
    }
  const startWallMs = zone.toWall(startMs)
  const at = (step: number) => (step === 0 ? startMs : zone.fromWall(startWallMs + step * stepMs))
  return {
    at,
    firstFrom(timeMs) {
      // Where clocks have been changed since, the step may be the one before or after.
      let step = Math.max(0, Math.ceil((timeMs - startMs) / stepMs) - 1)
      while (at(step) < timeMs) step++
      return step
    },
    last: undefined,
  }
}
