import type { OutboundMessage, QoS } from '@butlerkit/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { MqttError } from './errors.js'
import { createOutbox, type Outbox } from './outbox.js'

const lost = new MqttError('MQTT_NOT_CONNECTED', 'lost')
const message = (topic: string, qos: QoS = 1): OutboundMessage => ({ topic, payload: new Uint8Array(), qos, retain: false })

const failureOf = (promise: Promise<void>): Promise<unknown> => promise.catch((error: unknown) => error)

describe('outbox', () => {
  let sent: { readonly topic: string; done(error?: MqttError): void }[]
  let outbox: Outbox
  const topics = () => sent.map(({ topic }) => topic)

  beforeEach(() => {
    sent = []
    outbox = make()
  })

  function make(whenFull: 'reject' | 'drop-oldest' = 'reject', max = 2): Outbox {
    return createOutbox({ max, whenFull, send: ({ topic }, done) => void sent.push({ topic, done }) })
  }

  it('sends at once while there is room, and resolves when the broker has it', async () => {
    outbox.resume(1)
    const added = outbox.add(message('a'))
    expect(topics()).toEqual(['a'])
    sent[0]?.done()
    await expect(added).resolves.toBeUndefined()
  })

  it('keeps to the window and to the order', async () => {
    const all = Promise.all([outbox.add(message('a')), outbox.add(message('b'))])
    expect(topics()).toEqual([])
    outbox.resume(1)
    const late = outbox.add(message('c'))
    expect(topics()).toEqual(['a'])
    sent[0]?.done()
    expect(topics()).toEqual(['a', 'b'])
    sent[1]?.done()
    sent[2]?.done()
    await Promise.all([all, late])
    expect(topics()).toEqual(['a', 'b', 'c'])
  })

  it('fails what has waited for a connection that cannot carry it, and sends the rest', async () => {
    const failed = failureOf(outbox.add(message('a')))
    const added = outbox.add(message('b'))
    outbox.resume(1, 1, ({ topic }) => (topic === 'a' ? lost : undefined))
    expect(await failed).toBe(lost)
    expect(topics()).toEqual(['b'])
    sent[0]?.done()
    await added
    await outbox.idle()
  })

  it('sends nothing that was given up before', async () => {
    outbox.resume(1)
    await expect(outbox.add(message('a'), AbortSignal.abort('enough'))).rejects.toBe('enough')
    expect(topics()).toEqual([])
  })

  it('refuses the new one when it is full', async () => {
    const waiting = [outbox.add(message('a')), outbox.add(message('b'))]
    await expect(outbox.add(message('c'))).rejects.toMatchObject({ code: 'MQTT_OUTBOX_FULL', message: expect.stringContaining('"c"') })
    outbox.resume(10)
    for (const { done } of sent) done()
    await Promise.all(waiting)
    expect(topics()).toEqual(['a', 'b'])
  })

  it('drops the one that waits longest when told so, and the new one where nothing may wait', async () => {
    outbox = make('drop-oldest')
    const oldest = failureOf(outbox.add(message('a')))
    void outbox.add(message('b'))
    void outbox.add(message('c'))
    expect(await oldest).toMatchObject({ code: 'MQTT_OUTBOX_FULL', message: expect.stringContaining('"a"') })
    outbox.resume(10)
    expect(topics()).toEqual(['b', 'c'])
    await expect(make('drop-oldest', 0).add(message('a'))).rejects.toMatchObject({ code: 'MQTT_OUTBOX_FULL' })
  })

  it('fails with what sending failed with', async () => {
    outbox.resume(1)
    const added = outbox.add(message('a'))
    sent[0]?.done(lost)
    await expect(added).rejects.toBe(lost)
  })

  it('forgets a waiting message whose signal aborts, but not one under way', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    outbox.resume(1)
    const underWay = failureOf(outbox.add(message('a'), controller.signal))
    const waiting = failureOf(outbox.add(message('b'), controller.signal))
    const other = outbox.add(message('c'))
    controller.abort(reason)
    expect(await Promise.all([underWay, waiting])).toEqual([reason, reason])
    expect(topics()).toEqual(['a'])
    sent[0]?.done()
    sent[1]?.done()
    await other
    expect(topics()).toEqual(['a', 'c'])
  })

  it('fails QoS 0 under way when the connection goes, and leaves QoS 1 to be sent again', async () => {
    outbox.resume(10)
    const zero = failureOf(outbox.add(message('zero', 0)))
    const one = outbox.add(message('one', 1))
    outbox.pause(lost)
    expect(await zero).toBe(lost)
    sent[1]?.done()
    await one
    const waits = outbox.add(message('later'))
    expect(topics()).toEqual(['zero', 'one'])
    outbox.resume(1)
    sent[2]?.done()
    await waits
  })

  it('keeps QoS 2 to a window of its own, and the order', async () => {
    outbox.resume(10, 1)
    const all = [outbox.add(message('a', 2)), outbox.add(message('b', 2)), outbox.add(message('c', 1))]
    expect(topics()).toEqual(['a'])
    sent[0]?.done()
    expect(topics()).toEqual(['a', 'b', 'c'])
    for (const { done } of sent) done()
    await Promise.all(all)
  })

  it('tells when nothing is left', async () => {
    await outbox.idle()
    outbox.resume(1)
    const added = [outbox.add(message('a')), outbox.add(message('b'))]
    let idle = false
    const told = outbox.idle().then(() => (idle = true))
    sent[0]?.done()
    await added[0]
    expect(idle).toBe(false)
    sent[1]?.done()
    await told
    expect(idle).toBe(true)
  })

  it('fails everything when it is closed', async () => {
    outbox.resume(1)
    const closed = new MqttError('MQTT_CLOSED', 'closed')
    const all = Promise.allSettled([outbox.add(message('a')), outbox.add(message('b'))])
    outbox.close(closed)
    expect(await all).toEqual([expect.objectContaining({ reason: closed }), expect.objectContaining({ reason: closed })])
    sent[0]?.done()
    expect(topics()).toEqual(['a'])
    await expect(outbox.add(message('late'))).rejects.toBe(closed)
  })

  it('sends any number of waiting messages that are done at once', async () => {
    let count = 0
    outbox = createOutbox({
      max: 100_000,
      whenFull: 'reject',
      send(_message, done) {
        count += 1
        done()
      },
    })
    const all = Promise.all(Array.from({ length: 100_000 }, () => outbox.add(message('a', 0))))
    outbox.resume(1)
    await all
    expect(count).toBe(100_000)
  })
})
