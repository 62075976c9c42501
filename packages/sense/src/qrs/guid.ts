import { SenseError } from '../errors.js'

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** QRS's "none", and its answer when a task was not started. */
export const emptyGuid = '00000000-0000-0000-0000-000000000000'

/** Whether text has the form of a GUID, of any version: Windows also makes some that RFC 9562 does not know. */
export function isGuid(value: string): boolean {
  return pattern.test(value)
}

/**
 * An id as a part of a path.
 *
 * @throws {@link SenseError} `SENSE_ID` when it is not a GUID, without repeating it
 */
export function guidPath(id: string): string {
  if (!isGuid(id)) throw new SenseError('SENSE_ID', 'the id is not a GUID')
  return id.toLowerCase()
}
