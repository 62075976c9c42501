import { guidSet } from '../qrs/guid.js'
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
 * @throws SenseError `SENSE_OPTION` naming an id that is not a GUID
 */
export function createAppPolicy(allowed: CloudAppAllowList | 'all'): (app: Pick<CloudApp, 'id' | 'spaceId'>) => boolean {
  if (allowed === 'all') return () => true
  const ids = guidSet('allowApps.ids', allowed.ids)
  const spaceIds = new Set(allowed.spaceIds)
  return ({ id, spaceId }) => ids.has(id.toLowerCase()) || (spaceId !== undefined && spaceIds.has(spaceId))
}
