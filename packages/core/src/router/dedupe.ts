import type { Store } from '../store/store.js'
import type { HandlerMessage } from './handler-message.js'
import type { Route } from './router.js'

/** A message's key in the store. */
export interface Claim {
  readonly key: string
  /** Whether an earlier message holds it. */
  readonly taken: boolean
  /** Gives the key back: the message was not handled, and its redelivery must count. */
  forget(): Promise<void>
}

/** Claims the key of a route's `dedupe`, in one step, so that of two same messages one is handled even across processes. */
export async function claimKey(
  { topic, options: { dedupe } }: Route,
  message: HandlerMessage,
  defaultStore: Store,
): Promise<Claim | undefined> {
  if (dedupe === undefined) return undefined
  const { by, ttlMs, store = defaultStore } = dedupe
  const key = by(message)
  const storeKey = `butlerkit/dedupe/${topic.pattern}/${key}`
  const claimed = await store.setIfAbsent(storeKey, '1', { ttlMs })
  return {
    key,
    taken: !claimed,
    async forget() {
      if (claimed) await store.delete(storeKey)
    },
  }
}
