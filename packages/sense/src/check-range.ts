import { SenseError } from './errors.js'

/** @throws {@link SenseError} `SENSE_OPTION` naming the option, for what is not a whole number from 1 to `max` */
export function checkRange(name: string, value: number, max = 2_147_483_647): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return
  throw new SenseError('SENSE_OPTION', `${name} must be a whole number from 1 to ${max}, got ${value}`)
}
