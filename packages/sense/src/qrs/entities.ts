import { z } from 'zod'
import { QrsError, SenseError } from '../errors.js'
import type { QrsClient } from './client.js'
import { boxedNumber } from './fields.js'
import { q, type QrsFilter } from './filter.js'
import { guidPath } from './guid.js'
import { lookOnly } from './look-only.js'
import {
  orderQuery,
  type QrsCallOptions,
  type QrsChangeOptions,
  type QrsCountOptions,
  type QrsListOptions,
  type QrsPagesOptions,
} from './list-options.js'

/** Reading one kind of entity. Every call throws a {@link QrsError}, or the signal's reason. */
export interface QrsReads<Entity> {
  /**
   * The entities that the user may see, whole, all in one answer.
   *
   * @throws {@link QrsError} `QRS_INCOMPLETE` with `verify`, where the site has more than it answered
   */
  list(options?: QrsListOptions): Promise<Entity[]>
  /**
   * One entity.
   *
   * @throws {@link SenseError} `SENSE_ID` for what is not a GUID; {@link QrsError} `QRS_STATUS` with 404 for an unknown one
   */
  get(id: string, options?: QrsCallOptions): Promise<Entity>
  /** How many there are. */
  count(options?: QrsCountOptions): Promise<number>
  /**
   * The entities page by page, oldest first, for sites with many or with capped answers. One that is created meanwhile may come at the end;
   * one that is deleted meanwhile may make its neighbour be missed, as in every numbered paging.
   */
  pages(options?: QrsPagesOptions): AsyncIterable<Entity[]>
}

/** Reading and changing one kind of entity. */
export interface QrsEntities<Entity, Draft> extends QrsReads<Entity> {
  /**
   * Changes one entity: reads it, lets `change` work on it, and writes the whole of it back, as QRS resets what is left out. Where somebody
   * else has changed it meanwhile (409), all of that is done again, up to four times.
   *
   * @param change - may be called several times, each time with the entity as it then is
   * @throws {@link QrsError} `QRS_STATUS` with 409 when others were faster every time
   */
  update(id: string, change: (draft: Draft) => void | Promise<void>, options?: QrsChangeOptions): Promise<Entity>
  /** Deletes one entity. Sent once. @throws {@link QrsError} `QRS_STATUS` with 404 when it is gone already */
  delete(id: string, options?: QrsChangeOptions): Promise<void>
}

/** A tag in a draft; QRS goes by the id. */
export interface DraftTag {
  readonly id: string
  readonly name?: string
}

/** A custom property's value in a draft: one of the definition's choices. */
export interface DraftCustomProperty {
  readonly value: string
  readonly definition: { readonly id: string; readonly name?: string }
}

/** An entity as QRS sends and takes it, to be changed in place. Fields that are not named here are there as well. */
export interface EntityDraft {
  readonly id: string
  /** As it was read: QRS refuses a draft of something that has changed since. */
  readonly modifiedDate: string
  name: string
  /** Empty where the kind of entity has none. */
  tags: DraftTag[]
  /** Empty where the kind of entity has none. */
  customProperties: DraftCustomProperty[]
  [field: string]: unknown
}

/** One kind of entity, and how to read it. */
export interface EntityKind<Wire extends z.ZodType, Entity> {
  /** Its path, `reloadtask`. */
  readonly path: string
  /** Its type in table definitions, `ReloadTask`. */
  readonly type: string
  readonly wire: Wire
  /** Picks what it takes: fields that the schema does not name are there too. The id is in lower case. */
  readonly to: (wire: z.output<Wire>) => Entity
}

const updateTries = 5
/** `id eq <guid> or ` is 54 bytes on the wire; this many keep an address below 4 kB. */
const idsInOneFilter = 64
const idRows = z.object({ rows: z.array(z.tuple([z.string()]).rest(z.unknown())) })
const draftWire = z.looseObject({ id: z.string(), modifiedDate: z.string() })

/** Reads, changes and deletes one kind of entity, through one client. */
export function createEntities<Wire extends z.ZodType, Entity extends { readonly id: string }, Draft extends EntityDraft = EntityDraft>(
  client: QrsClient,
  { path, type, wire, to }: EntityKind<Wire, Entity>,
): QrsEntities<Entity, Draft> {
  const base = `/qrs/${path}`
  const one = lookOnly(wire, to)
  const many = lookOnly(z.array(wire), (items) => items.map(to))
  return {
    async list({ filter, orderBy, verify = false, signal } = {}) {
      const query = { orderby: orderQuery(orderBy) }
      const list = () => client.json({ path: `${base}/full`, filter, query, signal }, many)
      let entities = await list()
      if (verify && entities.length < (await count({ filter, signal }))) {
        // Some may have come between the two answers.
        entities = await list()
        const expected = await count({ filter, signal })
        if (entities.length < expected) throw incomplete(`GET ${base}/full`, entities.length, expected)
      }
      return entities
    },

    async get(id, { signal } = {}) {
      return client.json({ path: `${base}/${guidPath(id)}`, signal }, one)
    },

    count,

    async *pages({ filter, size = 200, signal } = {}) {
      if (!Number.isInteger(size) || size < 1 || size > 1_000)
        throw new SenseError('SENSE_OPTION', 'size must be a whole number from 1 to 1000')
      for (let skip = 0; ; skip += size) {
        const ids = await idsFrom(skip, size, filter, signal)
        const found: Entity[] = []
        for (let at = 0; at < ids.length; at += idsInOneFilter) {
          const some = q.or(...ids.slice(at, at + idsInOneFilter).map((id) => q`id eq ${q.guid(id)}`))
          found.push(...(await client.json({ path: `${base}/full`, filter: some, signal }, many)))
        }
        const place = new Map(ids.map((id, index) => [id.toLowerCase(), index]))
        const placeOf = ({ id }: Entity) => place.get(id) ?? ids.length
        if (found.length > 0) yield found.toSorted((a, b) => placeOf(a) - placeOf(b))
        if (ids.length < size) return
      }
    },

    async update(id, change, { signal, timeoutMs } = {}) {
      const address = `${base}/${guidPath(id)}`
      for (let tries = 1; ; tries++) {
        const draft = { tags: [], customProperties: [], ...(await client.json({ path: address, signal }, draftWire)) }
        await change(draft as unknown as Draft)
        try {
          return await client.json({ method: 'PUT', path: address, json: draft, signal, timeoutMs }, one)
        } catch (error) {
          if (!(error instanceof QrsError) || error.status !== 409 || tries === updateTries) throw error
        }
      }
    },

    async delete(id, { signal, timeoutMs } = {}) {
      await client.text({ method: 'DELETE', path: `${base}/${guidPath(id)}`, signal, timeoutMs })
    },
  }

  function count({ filter, signal }: QrsCountOptions = {}): Promise<number> {
    return client.json({ path: `${base}/count`, filter, signal }, boxedNumber)
  }

  /** Only the table has true paging; it gives columns, so the ids, and the entities by id after it. */
  async function idsFrom(skip: number, take: number, filter: QrsFilter | undefined, signal: AbortSignal | undefined): Promise<string[]> {
    const columns = ['id', 'createdDate'].map((name) => ({ name, columnType: 'Property', definition: name }))
    const query = { skip, take, sortcolumn: 'createdDate', orderascending: true }
    const table = await client.json({ method: 'POST', path: `${base}/table`, query, filter, json: { type, columns }, signal }, idRows)
    return table.rows.map(([id]) => id)
  }
}

function incomplete(request: string, got: number, expected: number): QrsError {
  const message = `${request}: ${got} of ${expected} came, the site caps its answers; use pages()`
  return new QrsError('QRS_INCOMPLETE', message, { request, status: 200, sent: true, transient: false })
}
