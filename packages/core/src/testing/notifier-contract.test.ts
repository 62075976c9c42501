import { describe, it } from 'vitest'
import { ButlerError } from '../errors.js'
import { fanOut } from '../notify/fan-out.js'
import type { Notifier } from '../notify/notifier.js'
import { notifierContract, type NotifierBench } from './notifier-contract.js'
import { recorder } from './recorder.js'

notifierContract({
  describe,
  it,
  name: 'recorder',
  open() {
    const target = recorder()
    return { notifier: target, delivered: () => target.notifications.length, close: () => {} }
  },
})

notifierContract({ describe, it, name: 'fanOut to one that fails and one that does not', open: openFanOut })

function openFanOut(): NotifierBench {
  const steady = recorder('steady')
  const delivered = recorder('moody')
  let answer: Notifier['notify'] = delivered.notify
  const moody: Notifier = { name: 'moody', notify: (...args) => answer(...args) }
  return {
    notifier: fanOut(steady, moody),
    delivered: () => delivered.notifications.length,
    fail(failing) {
      answer = failing ? () => Promise.reject(new ButlerError('MOODY', 'not today')) : delivered.notify
    },
    stall: () => ({
      asked: new Promise<void>((resolve) => {
        answer = (_, { signal } = {}) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
            resolve()
          })
      }),
    }),
    close: () => {},
  }
}
