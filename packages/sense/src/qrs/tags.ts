import type { z } from 'zod'
import type { QrsClient } from './client.js'
import { createEntities, type EntityDraft, type QrsEntities } from './entities.js'
import { namedSchema, type Named } from './fields.js'
import type { QrsChangeOptions } from './list-options.js'

/** Tags. To tag something, `update` it: `draft.tags.push(tag)`. */
export interface QrsTags extends QrsEntities<Named, EntityDraft> {
  /** Makes one. Sent once. @throws {@link QrsError} `QRS_STATUS` with 409 for a name there is already */
  create(tag: { readonly name: string }, options?: QrsChangeOptions): Promise<Named>
}

/** Tags, through one client. */
export function createTags(client: QrsClient): QrsTags {
  return {
    ...createEntities(client, { path: 'tag', type: 'Tag', wire: namedSchema, to: toTag }),
    async create({ name }, options = {}) {
      return toTag(await client.json({ method: 'POST', path: '/qrs/tag', json: { name }, ...options }, namedSchema))
    },
  }
}

function toTag({ id, name }: z.output<typeof namedSchema>): Named {
  return { id: id.toLowerCase(), name }
}
