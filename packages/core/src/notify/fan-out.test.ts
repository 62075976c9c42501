import { describe, expect, it } from 'vitest'
import { ButlerError } from '../errors.js'
import { recorder } from '../testing/recorder.js'
import { fanOut } from './fan-out.js'
import type { Notifier } from './notifier.js'

// What every notifier promises is in the notifier contract: ../testing/notifier-contract.test.ts

const failing = (name: string, error: unknown): Notifier => ({ name, notify: () => Promise.reject(error) })
const throwing = (name: string, error: Error): Notifier => ({
  name,
  notify() {
    throw error
  },
})

describe('fanOut', () => {
  it('tells every target, and gives a receipt of each', async () => {
    const targets = [recorder('one'), recorder('two')] as const
    expect(await fanOut(...targets).notify({ title: 'x' })).toEqual({
      notifier: 'fanOut(one, two)',
      receipts: [{ notifier: 'one' }, { notifier: 'two' }],
    })
    expect(targets.map(({ notifications }) => notifications)).toEqual([[{ title: 'x' }], [{ title: 'x' }]])
  })

  it('tells the others when one rejects or throws, and then says which failed and why', async () => {
    const good = recorder('good')
    const [refused, broken] = [new ButlerError('REFUSED', 'not today'), new Error('broken')]
    const error = await fanOut(failing('bad', refused), good, throwing('worse', broken))
      .notify({ title: 'x' })
      .catch((cause: unknown) => cause)
    expect(error).toMatchObject({
      name: 'FanOutError',
      code: 'NOTIFY_FAILED',
      message: '2 of 3 targets failed: bad (not today), worse (broken)',
      receipts: [{ notifier: 'good' }],
      failures: new Map<string, unknown>([
        ['bad', refused],
        ['worse', broken],
      ]),
    })
    expect(good.notifications).toHaveLength(1)
  })

  it('tells two failed targets of one name apart by their place', async () => {
    const fan = fanOut(failing('slack', new Error('a')), failing('slack', 'b'))
    await expect(fan.notify({ title: 'x' })).rejects.toMatchObject({
      failures: new Map<string, unknown>([
        ['slack', new Error('a')],
        ['slack[1]', 'b'],
      ]),
    })
  })

  it('hands its signal on, and rejects with its reason whatever the targets made of it', async () => {
    const abort = new AbortController()
    const reason = new Error('changed my mind')
    const deaf: Notifier = {
      name: 'deaf',
      async notify(_, { signal } = {}) {
        expect(signal).toBe(abort.signal)
        abort.abort(reason)
        return { notifier: 'deaf' }
      },
    }
    await expect(fanOut(deaf, recorder()).notify({ title: 'x' }, { signal: abort.signal })).rejects.toBe(reason)
  })

  it('may be one target of another', async () => {
    expect(await fanOut(recorder('a'), fanOut(recorder('b'))).notify({ title: 'x' })).toMatchObject({
      receipts: [{ notifier: 'a' }, { notifier: 'fanOut(b)', receipts: [{ notifier: 'b' }] }],
    })
  })
})
