/** The date that means none. */
export const nullDate = '1753-01-01T00:00:00.000Z'

/** A time as QRS writes it. */
export function toWireDate(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

/** The date on which nothing ends. */
export const never = '9999-12-31T23:59:59.999Z'
