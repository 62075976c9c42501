import { SenseError } from '../errors.js'

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** QRS's "none", and its answer when a task was not started. */
export const emptyGuid = '00000000-0000-0000-0000-000000000000'

/** Whether text has the form of a GUID, of any version: Windows also makes some that RFC 9562 does not know. */
export function isGuid(value: string): boolean {
  return pattern.test(value)
}

/**
 * The ids of an allow-list, in lower case.
 *
 * @param option - whose ids they are
 * @throws {@link SenseError} `SENSE_OPTION` naming an id that is not a GUID
 */
export function guidSet(option: string, ids: readonly string[] = []): ReadonlySet<string> {
  const wrong = ids.find((id) => !isGuid(id))
  if (wrong !== undefined) throw new SenseError('SENSE_OPTION', `${option}: ${JSON.stringify(wrong)} is not a GUID`)
  return new Set(ids.map((id) => id.toLowerCase()))
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
