/** Records of a few integers each in one array, numbered from 0; number 0 is never given. Growing moves integers and allocates no object. */
export interface RecordPool {
  /** Record `n` is at `n * size`. Another array after `take`. */
  readonly records: Int32Array
  /** The number of a record of zeros. */
  take(): number
  /** Takes a record back; its number is given again. */
  give(number: number): void
}

export function createRecordPool(size: number): RecordPool {
  let last = 0
  // Free records are chained: each holds the number of the next.
  let free = 0
  const pool = { records: new Int32Array(8 * size), take, give }
  return pool

  function take(): number {
    if (free === 0) {
      last++
      if ((last + 1) * size > pool.records.length) {
        const before = pool.records
        pool.records = new Int32Array((last + (last >> 1)) * size)
        pool.records.set(before)
      }
      return last
    }
    const number = free
    free = pool.records[number * size]!
    pool.records[number * size] = 0
    return number
  }

  function give(number: number): void {
    pool.records.fill(0, number * size, (number + 1) * size)
    pool.records[number * size] = free
    free = number
  }
}
