/**
 * Records of a few integers each, in one array and numbered from 1: growing moves integers, and no object is made for a record.
 *
 * The parts of the matcher are classes, as V8 then compiles each method once for all instances; closures it compiles for the first one best.
 */
export class RecordPool {
  /** Record `n` is at `n * size`. Another array after `take`. */
  records: Int32Array
  private last = 0
  // Free records are chained: each holds the number of the next.
  private free = 0

  constructor(readonly size: number) {
    this.records = new Int32Array(8 * size)
  }

  /** The number of a record of zeros. */
  take(): number {
    if (this.free === 0) {
      this.last++
      if ((this.last + 1) * this.size > this.records.length) this.grow()
      return this.last
    }
    const number = this.free
    this.free = this.records[number * this.size]!
    this.records[number * this.size] = 0
    return number
  }

  /** Takes a record back; its number is given again. */
  give(number: number): void {
    const at = number * this.size
    this.records[at] = this.free
    for (let field = 1; field < this.size; field++) this.records[at + field] = 0
    this.free = number
  }

  private grow(): void {
    const before = this.records
    this.records = new Int32Array((this.last + (this.last >> 1)) * this.size)
    this.records.set(before)
  }
}
