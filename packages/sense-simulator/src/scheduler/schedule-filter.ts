const dayMs = 86_400_000

/** Which of a schedule's times count. Times are on the wall, in milliseconds since 1970. */
export interface ScheduleFilter {
  /** Whether the day of a time counts. */
  takesDay(wallMs: number): boolean
  /** Whether the hour and minute of a time count. */
  takesTime(wallMs: number): boolean
}

/** Numbers that are meant; undefined for all. */
type Wanted = ReadonlySet<number> | undefined

const last = '¤'
const bounds = [
  ['minute', 0, 60],
  ['hour', 0, 24],
  ['weekDayPrefix', 1, 4],
  ['weekDay', 0, 6],
  ['weeklyInterval', 1, 53],
  ['dayOfMonth', 1, 31],
  ['month', 1, 12],
  ['monthlyInterval', 1, 12],
] as const

/**
 * Reads one text of `schemaFilterDescription`: minute, hour, which of the month's weekdays (1 to 4, `¤` the last, `-` any), weekday (0 is
 * Sunday), every how many weeks, day of the month (`¤` the last), month, every how many months. `*` is all, `1,3` and `1-5` are some.
 *
 * @param startWallMs - from when weeks and months are counted
 * @returns undefined for a text that is none
 * @see Qlik Sense QMC, custom triggers: Filter
 */
export function readScheduleFilter(text: string, startWallMs: number): ScheduleFilter | undefined {
  const parts = text.split(' ')
  if (parts.length !== bounds.length) return undefined
  const wanted: Partial<Record<(typeof bounds)[number][0], Wanted>> = {}
  for (const [index, [name, least, most]] of bounds.entries()) {
    const part = parts[index] ?? ''
    if (part === '*' || (name === 'weekDayPrefix' && part === '-')) continue
    const numbers = readNumbers(part, least, most, name === 'weekDayPrefix' || name === 'dayOfMonth')
    if (numbers === undefined) return undefined
    wanted[name] = numbers
  }
  const { minute, hour, weekDayPrefix, weekDay, weeklyInterval, dayOfMonth, month, monthlyInterval } = wanted
  return {
    takesDay(wallMs) {
      const date = new Date(wallMs)
      const [day, daysLeft] = [date.getUTCDate(), daysInMonth(date) - date.getUTCDate()]
      return (
        takes(month, date.getUTCMonth() + 1) &&
        (takes(dayOfMonth, day) || (daysLeft === 0 && takes(dayOfMonth, Infinity))) &&
        takes(weekDay, date.getUTCDay()) &&
        (takes(weekDayPrefix, Math.ceil(day / 7)) || (daysLeft < 7 && takes(weekDayPrefix, Infinity))) &&
        isDue(weeklyInterval, weekOf(wallMs) - weekOf(startWallMs)) &&
        isDue(monthlyInterval, monthOf(wallMs) - monthOf(startWallMs))
      )
    },
    takesTime(wallMs) {
      const date = new Date(wallMs)
      // The QMC counts to 60 and to 24.
      return (
        [date.getUTCMinutes(), date.getUTCMinutes() || 60].some((value) => takes(minute, value)) &&
        [date.getUTCHours(), date.getUTCHours() || 24].some((value) => takes(hour, value))
      )
    },
  }
}

function readNumbers(part: string, least: number, most: number, canBeLast: boolean): Wanted {
  const numbers = new Set<number>()
  for (const each of part.split(',')) {
    if (canBeLast && each === last) {
      numbers.add(Infinity)
      continue
    }
    const [, from = '', to = from] = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(each) ?? []
    if (from === '' || Number(from) < least || Number(to) > most) return undefined
    for (let number = Number(from); number <= Number(to); number++) numbers.add(number)
  }
  return numbers
}

function takes(wanted: Wanted, value: number): boolean {
  return wanted === undefined || wanted.has(value)
}

function isDue(intervals: Wanted, distance: number): boolean {
  return intervals === undefined || [...intervals].some((interval) => distance % interval === 0)
}

function daysInMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
}

function monthOf(wallMs: number): number {
  const date = new Date(wallMs)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

// Weeks begin on Sundays, as weekdays are counted; the first of January 1970 was a Thursday.
function weekOf(wallMs: number): number {
  return Math.floor((Math.floor(wallMs / dayMs) + 4) / 7)
}
