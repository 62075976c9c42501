/** A date of the engine: ISO 8601, or days since 1899-12-30 in UTC; `undefined` for none. */
export function qlikDate(value: unknown): Date | undefined {
  if (typeof value === 'number') return value > 0 ? new Date(Math.round((value - 25_569) * 86_400_000)) : undefined
  if (typeof value !== 'string' || value === '' || value.startsWith('1753-01-01')) return undefined
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? undefined : date
}
