import { sleep, type Clock, type Logger } from '@butlerkit/core'
import { z } from 'zod'
import { QrsError, SenseError } from '../errors.js'
import { joinSignals } from '../signals.js'
import type { QrsClient } from './client.js'
import { boxedText, optional, toDate, toReference } from './fields.js'
import type { QrsFilter } from './filter.js'
import type { QrsCallOptions } from './list-options.js'

/** What kind of change. @see QRS 38.22.0, `ChangeType` */
export type ChangeKind = 'add' | 'update' | 'delete' | undefined

/** Something has changed in the repository. Without its content, and without an id of its own: the same change may come again. */
export interface Change {
  /** `undefined` for one that QRS does not say. */
  readonly kind: ChangeKind
  /** `App`, `ExecutionResult` and so on. */
  readonly type: string
  /** GUID of what changed. */
  readonly id: string | undefined
  /** Names of the properties; bare changes of `modifiedDate` come too. */
  readonly properties: readonly string[]
  readonly at: Date | undefined
}

/** What to be told about. */
export interface SubscribeOptions extends QrsCallOptions {
  /**
   * Where QRS posts to: a route of your own server, reachable from the central node, that hands the body to `receive`. QRS proves nothing,
   * so put a secret in the path.
   */
  readonly callbackUrl: string
  /** Type of entity. @defaultValue 'ExecutionResult' */
  readonly type?: string | undefined
  /** @defaultValue 'update' for execution results, any for others */
  readonly kind?: 'any' | 'add' | 'update' | 'delete' | undefined
  /** Written with `q`. QRS does not apply it to deletions. @defaultValue everything */
  readonly filter?: QrsFilter | undefined
  /** How often to subscribe anew, in milliseconds: a repository that restarts forgets. @defaultValue 60_000 */
  readonly renewMs?: number | undefined
}

/** A subscription. Ends with `close`, or with the client. */
export interface ChangeSubscription extends AsyncDisposable {
  /**
   * Takes what QRS posted, parsed from JSON, and gives the changes in it; none for anything else. Runs that are followed are looked at again
   * at once when there are execution results among them: that makes waiting shorter, never wrong. Answer the post with 200 first.
   */
  receive(body: unknown): Change[]
  /** Unsubscribes. May be called twice. */
  close(): Promise<void>
}

/** What subscribing needs. */
export interface ChangesOptions {
  readonly client: QrsClient
  readonly clock: Clock
  readonly logger: Logger
  readonly closed: AbortSignal
  /** Called when runs may have news. */
  readonly wake: () => void
}

const kindNumbers = { any: 0, add: 1, update: 2, delete: 3 } as const
const kinds: readonly ChangeKind[] = [undefined, 'add', 'update', 'delete']

/** What QRS posts. */
export const changesWire = z.array(
  z.object({
    changeType: z.number(),
    objectType: z.string(),
    objectID: optional(z.string()),
    changedProperties: optional(z.array(z.string())),
    modifiedDate: optional(z.string()),
  }),
)

/** Subscribes, and keeps subscribed until closed. */
export async function subscribeToChanges(options: SubscribeOptions, site: ChangesOptions): Promise<ChangeSubscription> {
  const { client, clock, logger, closed, wake } = site
  const { callbackUrl, type = 'ExecutionResult', filter, renewMs = 60_000, signal } = options
  const { kind = type === 'ExecutionResult' ? 'update' : 'any' } = options
  if (!/^https?:$/.test(URL.parse(callbackUrl)?.protocol ?? ''))
    throw new SenseError('SENSE_OPTION', 'callbackUrl must be an http or https URL')
  if (!/^\w+$/.test(type)) throw new SenseError('SENSE_OPTION', 'type must be the name of an entity, such as App')

  let handle: string | undefined = await subscribe(signal)
  const life = joinSignals(closed)
  const renewing = renew()
  let closing: Promise<void> | undefined
  const close = () => (closing ??= end())
  return {
    receive(body) {
      const changes = parseChanges(body)
      if (changes.some((change) => change.type === 'ExecutionResult')) wake()
      return changes
    },
    close,
    [Symbol.asyncDispose]: close,
  }

  function subscribe(until: AbortSignal | undefined): Promise<string> {
    const query = { name: type, changetype: kindNumbers[kind] }
    const request = {
      method: 'POST',
      path: '/qrs/notification',
      query,
      filter,
      json: callbackUrl,
      secret: callbackUrl,
      signal: until,
    } as const
    return client.json(request, boxedText)
  }

  /** Subscribes anew before it lets go of the old, so that nothing is missed; what comes twice meanwhile does no harm. */
  async function renew(): Promise<void> {
    while (!life.signal.aborted) {
      try {
        await sleep(clock, renewMs, life.signal)
        const old = handle
        handle = await subscribe(life.signal)
        if (old !== undefined) await unsubscribe(old)
      } catch (error) {
        if (life.signal.aborted) return
        const facts = error instanceof QrsError ? { code: error.code, status: error.status } : {}
        logger.warn('cannot subscribe to changes, trying again later', { type, ...facts })
      }
    }
  }

  async function unsubscribe(old: string): Promise<void> {
    // One that is gone already was forgotten in a restart.
    await client.text({ method: 'DELETE', path: '/qrs/notification', query: { handle: old }, retry: false }).catch(() => {})
  }

  async function end(): Promise<void> {
    life.abort(new SenseError('SENSE_CLOSED', 'the subscription was closed'))
    await renewing
    life.release()
    if (handle !== undefined && !closed.aborted) await unsubscribe(handle)
    handle = undefined
  }
}

function parseChanges(body: unknown): Change[] {
  const { data = [] } = changesWire.safeParse(body)
  return data.map(({ changeType, objectType, objectID, changedProperties, modifiedDate }) => ({
    kind: kinds[changeType],
    type: objectType,
    id: toReference(objectID),
    properties: changedProperties ?? [],
    at: toDate(modifiedDate),
  }))
}
