import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock.js'
import { ButlerError } from '../errors.js'
import { openMessage, type OpenedMessage } from '../router/open.js'
import { createTopicMatcher } from '../topic/matcher.js'
import type { TopicOf, TopicTypes } from '../topic/topic.js'
import type { InboundMessage } from '../transport/transport.js'

/** A message that was waited for. */
export interface SeenMessage<T extends TopicTypes> {
  /** The topic name. */
  readonly topic: string
  readonly params: T['params']
  readonly payload: T['payload']
  /** The broker had kept it. */
  readonly retained: boolean
}

/** What to wait for, and how long. */
export interface OnceOptions<T extends TopicTypes> {
  /** Whether this is the one. @defaultValue any message that fits the contract */
  readonly where?: (message: SeenMessage<T>) => boolean
  /** Milliseconds, 1 to 2_147_483_647. @defaultValue 30_000 */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Whoever looks on beside the routes: `once` and `state`. */
export interface Watching {
  /** @returns stops watching */
  watch(filter: string, seen: (message: InboundMessage) => void): () => void
  /** Shows a message to those who watch its topic. @returns whether anybody does */
  show(message: InboundMessage): boolean
  /**
   * @param refused - aborts when the message cannot come
   * @throws ButlerError `ONCE_TIMEOUT` or `BUTLER_STOPPED`, a signal's reason, or what `where` throws
   */
  once<T extends TopicTypes>(contract: TopicOf<T>, options: OnceOptions<T>, refused: AbortSignal): Promise<SeenMessage<T>>
  /** Aborts when nobody needs to look on any more. */
  readonly ended: AbortSignal
  /** Ends every wait. */
  abandon(reason: unknown): void
}

type Watcher = (message: InboundMessage) => void

export function createWatching(clock: Clock): Watching {
  const watchers = createTopicMatcher<Watcher>()
  const end = new AbortController()
  setMaxListeners(0, end.signal)

  return {
    watch,
    show(message) {
      if (watchers.size === 0) return false
      const seeing = watchers.match(message.topic)
      for (const watcher of seeing) watcher(message)
      return seeing.length > 0
    },
    once(contract, { where = () => true, timeoutMs = 30_000, signal }, refused) {
      return new Promise((resolve, reject) => {
        const signals = [end.signal, refused, ...(signal ? [signal] : [])]
        const aborted = signals.find((each) => each.aborted)
        if (aborted) return reject(aborted.reason)
        const fail = (reason: unknown) => settle(() => reject(reason))
        const aborts = signals.map((each) => ({ signal: each, abort: () => fail(each.reason) }))
        for (const { signal: each, abort } of aborts) each.addEventListener('abort', abort, { once: true })
        const cancelTimer = clock.schedule(
          () => fail(new ButlerError('ONCE_TIMEOUT', `no message on ${contract.pattern} within ${timeoutMs} ms`)),
          timeoutMs,
        )
        const stop = watch(contract.filter, (message) => {
          new Promise<OpenedMessage>((opened) => opened(openMessage({ topic: contract, options: {} }, message)))
            .then(({ params, payload }) => ({ topic: message.topic, params, payload, retained: message.retain }), noMessage)
            .then((seen) => seen !== undefined && where(seen) && settle(() => resolve(seen)))
            .catch(fail)
        })

        function settle(outcome: () => void): void {
          stop()
          cancelTimer()
          for (const { signal: each, abort } of aborts) each.removeEventListener('abort', abort)
          outcome()
        }
      })
    },
    ended: end.signal,
    abandon: (reason) => end.abort(reason),
  }

  function watch(filter: string, seen: Watcher): () => void {
    watchers.add(filter, seen)
    return () => void watchers.remove(filter, seen)
  }
}

/** What does not fit the contract is not what was waited for. */
function noMessage(): undefined {
  return undefined
}
