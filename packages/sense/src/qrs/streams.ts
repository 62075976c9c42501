import { z } from 'zod'
import type { QrsClient } from './client.js'
import { createEntities, type EntityDraft, type QrsEntities } from './entities.js'
import {
  customPropertySchema,
  namedSchema,
  optional,
  toCustomProperty,
  toDate,
  toNamed,
  type CustomProperty,
  type Named,
} from './fields.js'
import type { QrsChangeOptions } from './list-options.js'

/** A stream. */
export interface Stream extends Named {
  readonly tags: readonly Named[]
  readonly customProperties: readonly CustomProperty[]
  readonly modifiedDate: Date | undefined
}

/** One item of `GET /qrs/stream/full`. */
export const streamWire = z.object({
  id: z.string(),
  name: z.string(),
  tags: optional(z.array(namedSchema)),
  customProperties: optional(z.array(customPropertySchema)),
  modifiedDate: optional(z.string()),
})

/** Streams. Every site has `Everyone` and `Monitoring apps`. */
export interface QrsStreams extends QrsEntities<Stream, EntityDraft> {
  /** Makes one. Who may see it is up to the site's security rules. Sent once. */
  create(stream: { readonly name: string }, options?: QrsChangeOptions): Promise<Stream>
}

/** Streams, through one client. */
export function createStreams(client: QrsClient): QrsStreams {
  return {
    ...createEntities(client, { path: 'stream', type: 'Stream', wire: streamWire, to: toStream }),
    async create({ name }, options = {}) {
      return toStream(await client.json({ method: 'POST', path: '/qrs/stream', json: { name }, ...options }, streamWire))
    },
  }
}

/** Our form of a stream. */
export function toStream({ id, name, tags, customProperties, modifiedDate }: z.output<typeof streamWire>): Stream {
  return {
    id: id.toLowerCase(),
    name,
    tags: tags?.map(toNamed) ?? [],
    customProperties: customProperties?.map(toCustomProperty) ?? [],
    modifiedDate: toDate(modifiedDate),
  }
}
