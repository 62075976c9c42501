import { SenseError } from '../errors.js'
import { isGuid } from '../qrs/guid.js'
import type { CloudApp } from './apps.js'

/** Which apps may be reloaded: an app on either list. What is compared is the app as Qlik Cloud has it at that moment. */
export interface CloudAppAllowList {
  /** GUIDs; upper and lower case are the same. @defaultValue none */
  readonly ids?: readonly string[]
  /** Ids of spaces: every app in them. @defaultValue none */
  readonly spaceIds?: readonly string[]
}

/**
 * Makes the function that says whether an app may be reloaded. An empty list allows nothing.
 *
 * @throws {@link SenseError} `SENSE_OPTION` naming an id that is not a GUID
 */
export function createAppPolicy(allowed: CloudAppAllowList | 'all'): (app: Pick<CloudApp, 'id' | 'spaceId'>) => boolean {
  if (allowed === 'all') return () => true
  const wrong = allowed.ids?.find((id) => !isGuid(id))
  if (wrong !== undefined) throw new SenseError('SENSE_OPTION', `allowApps.ids: ${JSON.stringify(wrong)} is not a GUID`)
  const ids = new Set(allowed.ids?.map((id) => id.toLowerCase()))
  const spaceIds = new Set(allowed.spaceIds)
  return ({ id, spaceId }) => ids.has(id.toLowerCase()) || (spaceId !== undefined && spaceIds.has(spaceId))
}
