import type { Disposition, InboundMessage, QoS } from '@butlerkit/core'
import { beforeEach, expect, it, vi } from 'vitest'
import { createInbox, type Inbox, type InboxOptions } from './inbox.js'

const message = (topic: string, qos: QoS = 0, bytes = 1): InboundMessage => ({
  topic,
  payload: new Uint8Array(bytes),
  qos,
  retain: false,
  duplicate: false,
  properties: {},
})

const dropping = vi.fn<() => void>()
const dropped = vi.fn<(count: number) => void>()
const onError = vi.fn<(error: unknown) => void>()
let received: string[]
let done: (() => void)[]

beforeEach(() => {
  received = []
  done = []
  vi.resetAllMocks()
})

function make(options: Partial<InboxOptions> = {}): Inbox {
  const receive = ({ topic }: InboundMessage) => {
    received.push(topic)
    return new Promise<Disposition>((resolve) => void done.push(() => resolve('ack')))
  }
  return createInbox({ maxInFlight: 1, max: 2, maxBytes: 100, whenFull: 'drop-oldest', receive, onError, dropping, dropped, ...options })
}

const nothing = () => {}

async function finishAll(): Promise<void> {
  for (let count = 0; count < done.length; count += 1) {
    done[count]?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

it('hands on no more than are allowed in work, the others in their order', async () => {
  const inbox = make({ maxInFlight: 2 })
  const settled: string[] = []
  for (const topic of ['a', 'b', 'c', 'd']) inbox.add(message(topic, 1), () => settled.push(topic))
  expect(received).toEqual(['a', 'b'])
  done[1]?.()
  await vi.waitFor(() => expect(received).toEqual(['a', 'b', 'c']))
  await finishAll()
  expect(settled).toEqual(['b', 'a', 'c', 'd'])
})

it.each([
  ['drop-oldest', ['a', 'q1', 'd', 'e']],
  ['drop-newest', ['a', 'b', 'q1', 'c']],
] as const)('%s: drops of QoS 0 what it has no room for, never of QoS 1, and tells', async (whenFull, expected) => {
  const inbox = make({ whenFull })
  for (const one of [message('a'), message('b'), message('q1', 1), message('c'), message('d'), message('e')]) inbox.add(one, nothing)
  expect(dropping).toHaveBeenCalledTimes(1)
  await finishAll()
  expect(received).toEqual(expected)
  expect(dropped).toHaveBeenCalledExactlyOnceWith(2)
})

it('counts bytes as well as messages', async () => {
  const inbox = make({ max: 10, maxBytes: 10 })
  for (const one of [message('a'), message('b', 0, 6), message('c', 0, 6), message('huge', 0, 11)]) inbox.add(one, nothing)
  await finishAll()
  expect(received).toEqual(['a'])
  expect(dropped).toHaveBeenCalledExactlyOnceWith(3)
})

it('leaves a message whose handler throws or rejects, and goes on', async () => {
  const settled: Disposition[] = []
  const failures = [
    () => Promise.reject(new Error('rejected')),
    () => {
      throw new Error('thrown')
    },
  ]
  const inbox = make({ receive: () => failures.shift()?.() ?? 'ack' })
  for (const topic of ['a', 'b', 'c']) inbox.add(message(topic, 1), (disposition) => settled.push(disposition))
  await vi.waitFor(() => expect(settled).toEqual(['leave', 'leave', 'ack']))
  expect(onError).toHaveBeenCalledTimes(2)
})

it('forgets what waits when it is cleared', async () => {
  const inbox = make()
  for (const topic of ['a', 'b']) inbox.add(message(topic), nothing)
  inbox.clear()
  await finishAll()
  expect(received).toEqual(['a'])
})
