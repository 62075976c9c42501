/** A zone's time on the wall: milliseconds since 1970 as if its clocks showed UTC. */
export interface TimeZone {
  toWall(instantMs: number): number
  /** The first instant with this time on the wall; where clocks skip it, as far behind the skip as it is in it. */
  fromWall(wallMs: number): number
}

const hourMs = 3_600_000
const formats = new Map<string, Intl.DateTimeFormat>()

/** Tells whether Node knows a zone by this name. */
export function isTimeZone(name: string): boolean {
  try {
    return isUtc(name) || formatOf(name) !== undefined
  } catch {
    return false
  }
}

/**
 * Makes a {@link TimeZone}.
 *
 * @param name - IANA name; empty is UTC, as for triggers older than the setting
 * @param daylightSaving - what becomes of summer time, as QRS numbers it: 0 it is observed, 1 standard time all year, 2 summer time all year
 * @see Qlik Sense help, Editing triggers: Time zone, Daylight saving time
 */
export function createTimeZone(name: string, daylightSaving: number): TimeZone {
  if (isUtc(name)) return { toWall: (instantMs) => instantMs, fromWall: (wallMs) => wallMs }
  const format = formatOf(name)
  const observed = (instantMs: number) => offsetAt(format, instantMs)
  const permanent = (instantMs: number) => {
    const year = new Date(instantMs).getUTCFullYear()
    const offsets = [0, 6].map((month) => observed(Date.UTC(year, month, 1)))
    return daylightSaving === 1 ? Math.min(...offsets) : Math.max(...offsets)
  }
  const offset = daylightSaving === 0 ? observed : permanent
  return { toWall: (instantMs) => instantMs + offset(instantMs), fromWall: (wallMs) => fromWall(offset, wallMs) }
}

function isUtc(name: string): boolean {
  return name === '' || name.toUpperCase() === 'UTC'
}

function fromWall(offset: (instantMs: number) => number, wallMs: number): number {
  // Before and after a change of the clocks; no zone is a day away from UTC.
  const [before, after] = [offset(wallMs - 24 * hourMs), offset(wallMs + 24 * hourMs)]
  const candidates = [wallMs - before, wallMs - after].filter((instantMs) => instantMs + offset(instantMs) === wallMs)
  return candidates.length > 0 ? Math.min(...candidates) : wallMs - before
}

function offsetAt(format: Intl.DateTimeFormat, instantMs: number): number {
  const parts = Object.fromEntries(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instantMs / 1_000) * 1_000
}

function formatOf(name: string): Intl.DateTimeFormat {
  let format = formats.get(name)
  if (format === undefined) {
    const numeric = 'numeric'
    const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric } as const
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', ...fields })
    formats.set(name, format)
  }
  return format
}
