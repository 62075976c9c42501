import { SenseError } from '../errors.js'
import type { QrsFilter } from './filter.js'

/** What every call to the repository service takes. */
export interface QrsCallOptions {
  /** Gives up; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** What a change takes. */
export interface QrsChangeOptions extends QrsCallOptions {
  /** Longest wait for the whole answer, in milliseconds: copying or publishing a large app takes minutes. @defaultValue the client's */
  readonly timeoutMs?: number | undefined
}

/** Which entities to count. */
export interface QrsCountOptions extends QrsCallOptions {
  /** Written with `q`. @defaultValue everything the user may see */
  readonly filter?: QrsFilter | undefined
}

/** Which entities to list. */
export interface QrsListOptions extends QrsCountOptions {
  /** A field and a direction: `name asc`, `modifiedDate desc`. @defaultValue no given order */
  readonly orderBy?: string | undefined
  /** Asks for the count too, and rejects with `QRS_INCOMPLETE` where fewer came: a site may cap its answers. @defaultValue false */
  readonly verify?: boolean | undefined
}

/** Which entities to page through, in the order they were created. */
export interface QrsPagesOptions extends QrsCountOptions {
  /** Entities a page, 1 to 1000. @defaultValue 200 */
  readonly size?: number | undefined
}

/** @throws {@link SenseError} `SENSE_OPTION` for what QRS would not read as a field and a direction */
export function orderQuery(orderBy: string | undefined): string | undefined {
  if (orderBy === undefined || /^\w+(?:\.\w+)*(?: (?:asc|desc))?$/i.test(orderBy)) return orderBy
  throw new SenseError('SENSE_OPTION', 'orderBy must be a field, and asc or desc after a blank')
}
