import type { SchemaEventRecord } from '../store/records.js'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/**
 * When a trigger by time is next due, in milliseconds since 1970; undefined when it is off or over. Times are UTC: the trigger's time zone
 * is kept, and so is its filter of days, but neither is obeyed.
 */
export function nextExecution(event: SchemaEventRecord, nowMs: number): number | undefined {
  if (!event.enabled) return undefined
  const startMs = Date.parse(event.startDate)
  const next = startMs >= nowMs ? startMs : after(startMs, event, nowMs)
  return next === undefined || next > Date.parse(event.expirationDate) ? undefined : next
}

function after(startMs: number, { incrementOption, incrementDescription }: SchemaEventRecord, nowMs: number): number | undefined {
  if (incrementOption === 0) return undefined
  if (incrementOption === 4) return monthAfter(startMs, nowMs)
  const [minutes = 0, hours = 0, days = 0, weeks = 0] = incrementDescription.split(' ').map(Number)
  const stepMs = minutes * minuteMs + hours * hourMs + (days + 7 * weeks) * dayMs
  return stepMs > 0 ? startMs + Math.ceil((nowMs - startMs) / stepMs) * stepMs : undefined
}

// The same day of the month; where a month is too short, its last.
function monthAfter(startMs: number, nowMs: number): number {
  const start = new Date(startMs)
  const month = new Date(nowMs)
  for (let count = month.getUTCMonth(); ; count++) {
    const first = new Date(Date.UTC(month.getUTCFullYear(), count, 1))
    const lastDay = new Date(Date.UTC(month.getUTCFullYear(), count + 1, 0)).getUTCDate()
    const dueMs = first.getTime() + (Math.min(start.getUTCDate(), lastDay) - 1) * dayMs + (startMs % dayMs)
    if (dueMs >= nowMs) return dueMs
  }
}
