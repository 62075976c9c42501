import { randomBytes } from 'node:crypto'
import type { InboundMessage } from '@butlerkit/core'
import type { Link } from './link.js'
import { askFor } from './subscriptions.js'

/** Finds out whether a broker of MQTT 3.1.1 shares subscriptions: it has no way to say so. */
export interface SharingProbe {
  /** @returns whether the message was one of the probe's */
  hears(message: InboundMessage): boolean
  /**
   * Subscribes to a topic of its own as a group of one, publishes there, and sees whether it arrives before a later message does.
   *
   * @returns `undefined` where the broker lets us do neither
   */
  run(link: Pick<Link, 'client' | 'send'>, timeoutMs: number): Promise<boolean | undefined>
}

export function createSharingProbe(): SharingProbe {
  const topic = `butlerkit/probe/${randomBytes(8).toString('hex')}`
  const end = `${topic}/end`
  const shared = `$share/butlerkit/${topic}`
  let arrived = false
  let ended = () => {}

  return {
    hears(message) {
      if (message.topic === topic) arrived = true
      else if (message.topic === end) ended()
      else return false
      return true
    },
    async run({ client, send }, timeoutMs) {
      let timer: NodeJS.Timeout | undefined
      const answer = new Promise<true | undefined>((resolve) => {
        ended = () => resolve(true)
        timer = setTimeout(() => resolve(undefined), timeoutMs)
      })
      try {
        const [granted = 0x80] = await askFor(client, [shared, end], 1)
        if (granted >= 0x80) return false
        const publish = (name: string) =>
          new Promise<void>((resolve, reject) => {
            const message = { topic: name, payload: new Uint8Array(), qos: 1, retain: false } as const
            send(message, (error) => (error ? reject(error) : resolve()))
          })
        void publish(topic)
          .then(() => publish(end))
          .catch(() => {})
        return (await answer) && arrived
      } finally {
        clearTimeout(timer)
        client.unsubscribe([shared, end], () => {})
      }
    },
  }
}
