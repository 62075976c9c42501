import type { QoS, StatusMessages } from '@butlerkit/core'
import type { Link } from './link.js'

/** Says on the status topic how we are. */
export interface StatusTeller {
  /**
   * Says that we are there, at the beginning of a connection. Where the broker has hung up on that twice in a row, this connection goes
   * without: with credentials that may only read, MQTT 3.1.1 leaves some brokers no other answer, and reading shall go on.
   *
   * @param state - `draining` where a connection begins while we end
   * @throws {@link MqttError} `MQTT_PUBLISH_REFUSED`
   */
  begin(state: 'online' | 'draining'): Promise<void>
  /** Says that we go, on a connection that began with saying that we are there. */
  tell(state: 'draining' | 'offline'): Promise<void>
  /** Whether this connection goes without. */
  readonly silent: boolean
  /** @returns whether the connection was lost over the beginning, which is not said again for ever */
  wasBeginning(): boolean
}

/** @param status - `undefined` where nothing is to be said */
export function createStatusTeller(
  status: () => StatusMessages | undefined,
  qos: () => QoS,
  link: () => Pick<Link, 'send'> | undefined,
): StatusTeller {
  let losses = 0
  let silent = false
  let beginning = false
  /** What was said last, until it is answered: where the connection is lost first, the link says it again by itself. */
  let unanswered: { readonly state: string; readonly over: Pick<Link, 'send'> | undefined; readonly said: Promise<void> } | undefined

  function say(state: 'online' | 'draining' | 'offline'): Promise<void> {
    const messages = status()
    if (messages === undefined) return Promise.resolve()
    const message = { topic: messages.topic, payload: messages[state], qos: Math.min(1, qos()) as QoS, retain: true }
    const over = link()
    if (unanswered?.state === state && unanswered.over === over) return unanswered.said
    const said = new Promise<void>((resolve, reject) => {
      over?.send(message, (error) => (error ? reject(error) : resolve()))
    })
    unanswered = { state, over, said }
    const forget = () => {
      if (unanswered?.said === said) unanswered = undefined
    }
    said.then(forget, forget)
    return said
  }

  return {
    async begin(state) {
      silent = losses >= mostStatusLosses
      losses = silent ? 0 : losses + 1
      if (silent) return
      beginning = true
      // Where the connection is lost first, nobody ever answers.
      await say(state).finally(() => {
        losses = 0
        beginning = false
      })
    },
    tell: (state) => (silent ? Promise.resolve() : say(state)),
    get silent() {
      return silent
    },
    wasBeginning() {
      const was = beginning
      beginning = false
      return was
    },
  }
}

const mostStatusLosses = 2
