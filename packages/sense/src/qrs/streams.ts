import { z } from 'zod'
import type { QrsClient } from './client.js'
import { createEntities, type EntityDraft, type QrsEntities } from './entities.js'
import { entityFieldsWire, toEntityFields, type EntityFields } from './entity-fields.js'
import type { QrsChangeOptions } from './list-options.js'

/** A stream. */
export type Stream = EntityFields

/** One item of `GET /qrs/stream/full`. */
export const streamWire = z.object(entityFieldsWire)

/** Streams. Every site has `Everyone` and `Monitoring apps`. */
export interface QrsStreams extends QrsEntities<Stream, EntityDraft> {
  /** Makes one. Who may see it is up to the site's security rules. Sent once. */
  create(stream: { readonly name: string }, options?: QrsChangeOptions): Promise<Stream>
}

/** Streams, through one client. */
export function createStreams(client: QrsClient): QrsStreams {
  return {
    ...createEntities(client, { path: 'stream', type: 'Stream', wire: streamWire, to: toEntityFields }),
    async create({ name }, options = {}) {
      return toEntityFields(await client.json({ method: 'POST', path: '/qrs/stream', json: { name }, ...options }, streamWire))
    },
  }
}
