import type { WireChangeInfo } from '@butlerkit/sense'
import type { Clock, Logger } from '@butlerkit/core'
import type { Activity } from '../activity.js'
import type { FaultSource } from '../faults.js'
import { zeroGuid } from '../guid.js'
import { createPoster } from '../http/post.js'
import type { Change, Changes } from '../store/changes.js'
import { toWireDate } from '../store/wire-values.js'
import type { Filter } from './filter/filter.js'
import type { TypeName } from './entity-type.js'

/** What a client wants to be told of. */
export interface Subscription {
  readonly type: TypeName
  /** Where to. */
  readonly uri: string
  /** One entity only. */
  readonly id?: string | undefined
  /** Not applied to what has been deleted: it is gone. */
  readonly filter?: Filter | undefined
  /** 0 any. */
  readonly changeType: number
  /** A property, or with `!` before it one that does not count. */
  readonly propertyName?: string | undefined
}

/** Tells clients of changes. */
export interface Notifications {
  /** @returns a handle */
  subscribe(subscription: Subscription): string
  unsubscribe(handle: string): boolean
  /** Forgets all clients, as a repository does that is started anew. */
  clear(): void
  /** Gives up on clients that have not answered yet. */
  close(): void
}

/** What notifications work with. */
export interface NotificationsOptions {
  readonly changes: Changes
  readonly clock: Clock
  readonly guid: () => string
  readonly nodeId: string
  readonly nodeName: string
  readonly activity: Activity
  readonly faults: FaultSource
  readonly logger: Logger
}

/** What comes within this time goes in one batch. */
const batchMs = 100

/** Makes {@link Notifications}: batches, sent once and not again, however the other side answers. */
export function createNotifications(options: NotificationsOptions): Notifications {
  const { changes, clock, guid, nodeId, nodeName, activity, faults, logger } = options
  const poster = createPoster({ activity, logger })
  const clients = new Map<string, { readonly wanted: Subscription; pending: WireChangeInfo[]; cancel: () => void }>()

  changes.listen((change) => {
    for (const client of clients.values()) {
      if (!fits(client.wanted, change)) continue
      client.pending.push(toInfo(change))
      if (client.pending.length === 1) client.cancel = clock.schedule(() => flush(client), batchMs)
    }
  })

  return {
    subscribe(wanted) {
      const handle = guid()
      clients.set(handle, { wanted, pending: [], cancel: () => {} })
      return handle
    },
    unsubscribe: drop,
    clear,
    close() {
      clear()
      poster.close()
    },
  }

  function drop(handle: string): boolean {
    clients.get(handle)?.cancel()
    return clients.delete(handle)
  }

  function clear(): void {
    for (const handle of clients.keys()) drop(handle)
  }

  function flush(client: { readonly wanted: Subscription; pending: WireChangeInfo[] }): void {
    const batch = client.pending
    client.pending = []
    const fault = faults.forNotification(client.wanted.type)
    if (fault?.kind === 'drop') return
    const body = JSON.stringify(batch)
    for (let times = fault?.kind === 'duplicate' ? 2 : 1; times > 0; times--) poster.post(client.wanted.uri, body)
  }

  function toInfo({ changeType, type, entity, properties, timeMs }: Change): WireChangeInfo {
    const date = toWireDate(timeMs)
    return {
      changeType,
      objectType: type,
      objectID: entity.id,
      changedProperties: properties,
      engineID: zeroGuid,
      engineType: 'Repository',
      originatorNodeID: nodeId,
      originatorHostName: nodeName,
      originatorContextID: zeroGuid,
      createdDate: date,
      modifiedDate: date,
      schemaPath: 'ExternalChangeInfo',
    }
  }
}

function fits({ type, id, filter, changeType, propertyName }: Subscription, change: Change): boolean {
  if (type !== change.type || (changeType !== 0 && changeType !== change.changeType)) return false
  if (id !== undefined && id !== change.entity.id) return false
  if (change.changeType === 3) return true
  if (filter && !filter(change.entity)) return false
  return change.changeType === 1 || propertyName === undefined || concerns(propertyName.toLowerCase(), change.properties)
}

// A bare change of the date comes through whatever was asked for: seen on live sites.
function concerns(wanted: string, properties: readonly string[]): boolean {
  const names = properties.map((name) => name.toLowerCase())
  if (names.every((name) => name === 'modifieddate')) return true
  return wanted.startsWith('!') ? names.some((name) => name !== wanted.slice(1) && name !== 'modifieddate') : names.includes(wanted)
}
